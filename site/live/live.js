// Runs the code cells of a page in place, with the kernel of the server that shows the page (`make live`).
// The published site does not have this script. It is bundled with Jupyter's own client for kernels.

import { KernelManager } from "@jupyterlab/services/lib/kernel";
import { ServerConnection } from "@jupyterlab/services/lib/serverconnection";
import { Cell } from "./cell.js";
import { LiveWidgets } from "./widgets.js";

const root = document.documentElement;

// --- The server's token comes with the address that `make live` prints, and is kept for the other pages.

const TOKEN = "live-token";
const given = new URLSearchParams(location.search).get("token");
if (given) {
  localStorage.setItem(TOKEN, given);
  history.replaceState(null, "", location.pathname + location.hash);
}
const token = localStorage.getItem(TOKEN) ?? "";

// The book is served from the folder `static` of the server.
const server = new URL(`${root.dataset.content_root}../`, location.href);
const serverSettings = ServerConnection.makeSettings({
  baseUrl: server.href,
  wsUrl: server.href.replace(/^http/, "ws"),
  token,
  appendToken: true,
});

const cells = [...document.querySelectorAll(".cell")]
  .filter((element) => element.querySelector(".cell_input pre"))
  .map((element, index) => new Cell(element, index + 1, { runOne, runNext }));

// --- The bar at the foot of the page: what runs, and how to run, stop and start over.

const bar = document.createElement("div");
bar.className = "live-bar";
bar.setAttribute("role", "region");
bar.setAttribute("aria-label", "Kernel");
const makeButton = (text, action) => {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = text;
  button.addEventListener("click", action);
  bar.append(button);
  return button;
};
const runButton = makeButton("Run this page", runPage);
const stopButton = makeButton("Interrupt", () => kernel?.then(({ connection }) => connection.interrupt()));
const restartButton = makeButton("Restart", restart);
const status = document.createElement("p");
status.setAttribute("role", "status");
bar.append(status);
const say = (text) => (status.textContent = text);

function showState(busy) {
  bar.dataset.busy = busy;
  runButton.disabled = busy;
  stopButton.disabled = !busy;
  restartButton.disabled = !kernel;
}

// --- The kernel: one for this page, started by the first run.

let kernel;
let turn = 0;

async function startKernel() {
  say("Starting a kernel …");
  const connection = await new KernelManager({ serverSettings }).startNew({ name: "python3" });
  connection.connectionStatusChanged.connect((_, state) => {
    if (state === "disconnected") say("The server does not answer. Start it again with “make live”, then reload the page.");
  });
  return { connection, widgets: new LiveWidgets(connection) };
}

async function restart() {
  turn++; // What still waits does not run.
  const { connection } = await kernel;
  await connection.restart();
  kernel = Promise.resolve({ connection, widgets: new LiveWidgets(connection) });
  for (const cell of cells) cell.mark("");
  showState(false);
  say("The kernel has started anew; nothing is defined in it.");
}

/* Run cells one after the other, until one fails. Return whether all ran. */
async function run(list) {
  const mine = ++turn;
  showState(true);
  for (const cell of list) cell.mark("waiting");
  const started = performance.now();
  let failed;
  try {
    kernel ??= startKernel();
    const { connection, widgets } = await kernel;
    for (const [index, cell] of list.entries()) {
      say(list.length > 1 ? `Running cell ${index + 1} of ${list.length} …` : "Running …");
      failed = await cell.execute(connection, widgets);
      if (mine !== turn) return false;
      if (failed) break;
    }
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const what = list.length > 1 ? `All ${list.length} cells` : `Cell ${list[0].number}`;
    say(failed ? `Stopped: ${failed}` : `${what} ran in ${seconds} s.`);
  } catch (error) {
    kernel = undefined;
    failed = error;
    say(`No kernel: ${error.message}. Open the address that “make live” prints.`);
  }
  for (const cell of list) if (cell.state === "waiting") cell.mark("");
  showState(false);
  return !failed;
}

function runOne(cell) {
  return run([cell]);
}

async function runNext(cell) {
  cells[cells.indexOf(cell) + 1]?.focus();
  return run([cell]);
}

function runPage() {
  return run(cells);
}

if (cells.length) {
  document.querySelector("main").append(bar);
  document.querySelector(".run-page")?.addEventListener("click", runPage);
  showState(false);
  say(`${cells.length} cells can be run, and their code changed.`);
}
root.dataset.live = "ready";
