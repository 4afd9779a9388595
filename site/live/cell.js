// One code cell of a page: its code, which a reader may change, its run button, and its outputs.

const ESCAPES = /\u001b\[[0-9;]*[A-Za-z]/g;
const plain = (text) => text.replace(ESCAPES, "");
const joined = (value) => (Array.isArray(value) ? value.join("") : value);
const WIDGET = "application/vnd.jupyter.widget-view+json";

const box = (kind, ...children) => {
  const element = document.createElement("div");
  element.className = `output ${kind}`;
  element.append(...children);
  return element;
};

const preformatted = (kind, text) => {
  const pre = document.createElement("pre");
  pre.textContent = text;
  const highlight = document.createElement("div");
  highlight.className = "highlight";
  highlight.append(pre);
  return box(kind, highlight);
};

const picture = (type) => (data, bundle) => {
  const image = document.createElement("img");
  image.src = `data:${type};base64,${data}`;
  image.alt = joined(bundle["text/plain"] ?? "A picture without words");
  return box("image", image);
};

const markup = (kind) => (data) => {
  const element = box(kind);
  element.innerHTML = data; // The reader's own kernel wrote it; the page's policy lets no script in it run.
  return element;
};

// How a kernel's answers are shown, the best form first.
const FORMS = {
  "text/html": markup("text_html"),
  "image/svg+xml": markup("image"),
  "image/png": picture("image/png"),
  "image/jpeg": picture("image/jpeg"),
  "text/plain": (data) => preformatted("text_plain", plain(data)),
};

async function show(bundle, widgets) {
  const view = bundle[WIDGET];
  if (view) {
    try {
      const place = document.createElement("div");
      place.className = "widget";
      place.dataset.liveWidget = view.model_id;
      place.append(await widgets.view(view.model_id));
      return box("widget_view", place);
    } catch (error) {
      return preformatted("stderr", `${error.message}. JupyterLab (“make lab”) shows every widget.`);
    }
  }
  const form = Object.keys(FORMS).find((type) => type in bundle);
  return FORMS[form](joined(bundle[form]), bundle);
}

export class Cell {
  constructor(element, number, { runOne, runNext }) {
    this.element = element;
    this.number = number;
    this.state = "";
    const pre = element.querySelector(".cell_input pre");
    this.code = document.createElement("code");
    this.code.append(...pre.childNodes);
    pre.append(this.code);
    Object.assign(this.code, { contentEditable: "plaintext-only", spellcheck: false });
    this.code.setAttribute("role", "textbox");
    this.code.setAttribute("aria-multiline", "true");
    this.code.setAttribute("aria-label", `Code of cell ${number}`);
    this.code.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.shiftKey || event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      if (event.shiftKey) runNext(this);
      else runOne(this);
    });
    this.button = document.createElement("button");
    this.button.type = "button";
    this.button.className = "run-cell";
    this.button.textContent = "Run";
    this.button.setAttribute("aria-label", `Run cell ${number}`);
    this.button.addEventListener("click", () => runOne(this));
    element.querySelector(".cell_input").append(this.button);
  }

  get output() {
    let output = this.element.querySelector(":scope > .cell_output");
    if (!output) {
      output = document.createElement("div");
      output.className = "cell_output";
      this.element.append(output);
    }
    return output;
  }

  focus() {
    this.code.focus();
  }

  mark(state) {
    this.state = state;
    this.element.dataset.run = state;
    this.button.disabled = state === "waiting" || state === "running";
  }

  /* Run the cell; return nothing, or in words what went wrong. */
  async execute(connection, widgets) {
    this.mark("running");
    const output = this.output;
    const shown = new Map(); // What a display_id stands for, to be replaced by later messages.
    let clearFirst = true; // The old outputs stay until the first new one, or the end.
    let work = Promise.resolve(); // Outputs keep their order, though a widget takes a moment.
    let wrong;
    const add = (element) => {
      if (clearFirst) output.replaceChildren();
      clearFirst = false;
      output.append(element);
    };
    const stream = ({ name, text }) => {
      const kind = name === "stderr" ? "stderr" : "stream";
      const last = clearFirst ? null : output.lastElementChild;
      if (last?.matches(`.output.${kind}[data-stream]`)) last.querySelector("pre").append(plain(text));
      else {
        const element = preformatted(kind, plain(text));
        element.dataset.stream = name;
        add(element);
      }
    };
    const HANDLERS = {
      stream,
      async display_data({ data, transient }) {
        const element = await show(data, widgets);
        add(element);
        if (transient?.display_id) shown.set(transient.display_id, element);
      },
      async update_display_data({ data, transient }) {
        const element = await show(data, widgets);
        shown.get(transient.display_id)?.replaceWith(element);
        shown.set(transient.display_id, element);
      },
      clear_output({ wait }) {
        if (wait) clearFirst = true;
        else output.replaceChildren();
      },
      error({ ename, evalue, traceback }) {
        wrong = `cell ${this.number} raised ${ename}: ${evalue}`;
        add(preformatted("traceback", plain(traceback.join("\n"))));
      },
    };
    HANDLERS.execute_result = HANDLERS.display_data;
    const future = connection.requestExecute({ code: this.code.textContent, stop_on_error: true });
    future.onIOPub = ({ header, content }) => {
      const handle = HANDLERS[header.msg_type];
      if (handle) work = work.then(() => handle.call(this, content)).catch((error) => (wrong = error.message));
    };
    try {
      const { content } = await future.done;
      await work;
      if (content.status !== "ok") wrong ??= `cell ${this.number} was stopped`;
    } catch {
      wrong ??= `cell ${this.number} was stopped`; // The kernel was restarted, or is gone.
    }
    if (clearFirst) output.replaceChildren();
    this.mark(wrong ? "failed" : "done");
    return wrong;
  }
}
