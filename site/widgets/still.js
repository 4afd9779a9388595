/* Draws the still figures at build time: runs the widget host and the widgets' own modules in node, on
   a document just large enough for both, and prints the markup of each view.

   Standard input:  {"state": {…}, "views": ["model id", …]}  of one page.
   Standard output: {"known": ["FloatSliderModel", …], "views": {"model id": "<div>…</div>"}}. */
"use strict";

const VOID = new Set(["br", "hr", "img", "input", "wbr"]);
/* Controls in a still answer nothing: inert keeps them out of the tab order until the host has started. */
const INERT = new Set(["button", "input", "select", "textarea"]);

const escape = (text) => String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

class Element {
  constructor(tag) {
    this.tag = tag;
    this.attributes = new Map();
    this.children = [];
    this.dataset = new Proxy({}, { set: (_, key, value) => this.setAttribute("data-" + key, value) || true });
    const styles = new Map();
    this.style = {
      setProperty: (name, value) => {
        if (value === "") styles.delete(name);
        else styles.set(name, value);
        this.setAttribute("style", [...styles].map((pair) => pair.join(":")).join(";"));
      },
    };
    for (const [property, attribute] of [["className", "class"], ["id", "id"], ["value", "value"]]) {
      Object.defineProperty(this, property, {
        get: () => this.attributes.get(attribute) ?? "",
        set: (value) => this.setAttribute(attribute, value),
      });
    }
    for (const flag of ["checked", "disabled", "hidden", "selected"]) {
      Object.defineProperty(this, flag, {
        get: () => this.attributes.has(flag),
        set: (value) => this.toggleAttribute(flag, value),
      });
    }
  }
  setAttribute(name, value) {
    this.attributes.set(name, String(value));
  }
  getAttribute(name) {
    return this.attributes.get(name) ?? null;
  }
  removeAttribute(name) {
    this.attributes.delete(name);
  }
  toggleAttribute(name, on) {
    if (on) this.setAttribute(name, "");
    else this.removeAttribute(name);
  }
  addEventListener() {}
  removeEventListener() {}
  append(...children) {
    this.children.push(...children);
  }
  replaceChildren(...children) {
    this.children = children;
  }
  get textContent() {
    return this.children.map((child) => child.textContent ?? child).join("");
  }
  set textContent(text) {
    this.children = [String(text)];
  }
  get outerHTML() {
    if (INERT.has(this.tag)) this.setAttribute("inert", "");
    const attributes = [...this.attributes].map(([name, value]) => (value === "" ? ` ${name}` : ` ${name}="${escape(value)}"`));
    const start = `<${this.tag}${attributes.join("")}>`;
    if (VOID.has(this.tag)) return start;
    return start + this.children.map((child) => child.outerHTML ?? escape(child)).join("") + `</${this.tag}>`;
  }
}

globalThis.document = {
  createElement: (tag) => new Element(tag),
  createElementNS: (_, tag) => new Element(tag),
  head: new Element("head"),
};

require("./host.js");
const { Manager, known } = globalThis.widgetHost;

const importText = (source) => import("data:text/javascript;base64," + Buffer.from(source).toString("base64"));

const main = async () => {
  const { state, views } = JSON.parse(require("fs").readFileSync(0, "utf8"));
  const manager = new Manager({ state }, {}, importText);
  const drawn = {};
  for (const id of views) drawn[id] = (await manager.view(id)).outerHTML;
  process.stdout.write(JSON.stringify({ known, views: drawn }), () => process.exit(0));
};

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
