/* Brings Jupyter widgets to life on a page without a kernel.

   A built notebook page carries the state of its widgets as JSON and one marker for each view. This
   script revives them: the everyday ipywidgets controls as native inputs, boxes, links, and any
   AnyWidget from the module text in its state. It is a classic script without imports or requests, so
   that it works below any path and from file://. The build runs the same code to draw the still figures. */
(() => {
  "use strict";

  const STATE_TYPE = "application/vnd.jupyter.widget-state+json";
  const REFERENCE = "IPY_MODEL_";
  let nextId = 0;

  const h = (tag, attributes, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (typeof value === "function") element.addEventListener(name, value);
      else if (value !== false && value != null) element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children);
    return element;
  };

  const same = (a, b) =>
    Object.is(a, b) || (a && b && typeof a === "object" && !a.buffer && JSON.stringify(a) === JSON.stringify(b));

  const decode = (base64) => new DataView(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)).buffer);

  /* The part of a Jupyter widget model that views use. */
  class Model {
    constructor(manager, id, { state, buffers = [] }) {
      this.widget_manager = manager;
      this.model_id = id;
      this.name = state._model_name;
      this.state = { ...state };
      this.listeners = [];
      for (const { path, data } of buffers) {
        const last = path[path.length - 1];
        path.slice(0, -1).reduce((place, key) => place[key], this.state)[last] = decode(data);
      }
    }
    get(key) {
      return this.state[key];
    }
    set(key, value) {
      const changes = typeof key === "object" ? key : { [key]: value };
      const changed = Object.keys(changes).filter((name) => !same(this.state[name], changes[name]));
      Object.assign(this.state, changes);
      for (const name of changed) this.trigger("change:" + name, this, this.state[name]);
      if (changed.length) this.trigger("change", this);
    }
    on(names, callback) {
      for (const name of names.split(" ")) this.listeners.push([name, callback]);
    }
    off(names, callback) {
      const list = names && names.split(" ");
      this.listeners = this.listeners.filter(
        ([name, listener]) => (list && !list.includes(name)) || (callback && listener !== callback),
      );
    }
    trigger(name, ...values) {
      for (const [heard, callback] of [...this.listeners]) if (heard === name) callback(...values);
    }
    save_changes() {} // There is no kernel to tell.
    send() {}
  }

  /* ---- Controls: each takes a model and returns an element ---- */

  /* A row whose content is rebuilt when anything but its value changes, and updated when that does. */
  const control = (model, kind, build, value = "value") => {
    const row = h("div", { class: "widget-control widget-" + kind });
    let update;
    const rebuild = () => {
      const [children, refresh] = build("widget-input-" + ++nextId);
      row.replaceChildren(...children);
      (update = refresh)();
    };
    rebuild();
    model.on("change", () => {
      const shape = JSON.stringify({ ...model.state, [value]: 0 });
      if (shape !== row.shape) rebuild();
      row.shape = shape;
      update();
    });
    row.shape = JSON.stringify({ ...model.state, [value]: 0 });
    return row;
  };

  const caption = (model, id) =>
    model.get("description") ? [h("label", { for: id }, model.get("description"))] : [];

  const bounded = (model, value) => Math.min(model.get("max") ?? Infinity, Math.max(model.get("min") ?? -Infinity, value));

  /* The few number formats that ipywidgets' own readouts use: d, .2f, .3g, .0%. */
  const shown = (model, value) => {
    const [, digits, type] = /(?:\.(\d+))?([dfg%]?)$/.exec(model.get("readout_format") || "");
    if (type === "f") return value.toFixed(digits ?? 6);
    if (type === "g") return String(Number(value.toPrecision(digits || 6)));
    if (type === "%") return (100 * value).toFixed(digits ?? 0);
    return String(value);
  };

  const slider = (whole, log) => (model) =>
    control(model, "slider", (id) => {
      const base = model.get("base");
      const step = model.get("step");
      const percent = /%$/.test(model.get("readout_format") || "") ? 100 : 1;
      const limits = log ? { min: base ** model.get("min"), max: base ** model.get("max") } : model.state;
      const put = (value) => model.set("value", value);
      /* 17 × 0.05 is not 0.85 in floating point: trim what the step cannot mean. */
      const tidy = (value) => (whole ? Math.round(value) : Number(value.toPrecision(12)));
      const range = h("input", {
        id,
        type: "range",
        min: model.get("min"),
        max: model.get("max"),
        step,
        disabled: model.get("disabled"),
        input: () => put(tidy(log ? base ** range.value : Number(range.value))),
      });
      const typed = h("input", {
        type: "number",
        class: "widget-readout",
        "aria-label": (model.get("description") || "value") + ", typed",
        min: limits.min * percent,
        max: limits.max * percent,
        step: whole ? step : "any",
        disabled: model.get("disabled"),
        change: () => {
          const value = Number(typed.value) / percent;
          if (typed.value !== "" && Number.isFinite(value)) {
            put(tidy(Math.min(limits.max, Math.max(limits.min, value))));
          }
          update();
        },
      });
      const update = () => {
        const value = model.get("value");
        const text = shown(model, value);
        range.value = log ? Math.log(value) / Math.log(base) : value;
        range.setAttribute("aria-valuetext", percent > 1 ? text + " %" : text);
        typed.value = text;
      };
      const unit = percent > 1 ? [h("span", { "aria-hidden": "true" }, "%")] : [];
      return [[...caption(model, id), range, ...(model.get("readout") === false ? [] : [typed, ...unit])], update];
    });

  const number = (whole) => (model) =>
    control(model, "number", (id) => {
      const input = h("input", {
        id,
        type: "number",
        min: model.get("min"),
        max: model.get("max"),
        step: model.get("step") ?? (whole ? 1 : "any"),
        disabled: model.get("disabled"),
        change: () => {
          const value = Number(input.value);
          if (input.value !== "" && Number.isFinite(value)) {
            model.set("value", bounded(model, whole ? Math.round(value) : value));
          }
          update();
        },
      });
      const update = () => (input.value = model.get("value"));
      return [[...caption(model, id), input], update];
    });

  const dropdown = (model) =>
    control(
      model,
      "dropdown",
      (id) => {
        const options = model.get("_options_labels").map((label, index) => h("option", { value: index }, label));
        const select = h(
          "select",
          { id, disabled: model.get("disabled"), change: () => model.set("index", Number(select.value)) },
          ...options,
        );
        const update = () => {
          const index = model.get("index");
          options.forEach((option, i) => (option.selected = i === index));
        };
        return [[...caption(model, id), select], update];
      },
      "index",
    );

  const toggleButtons = (model) =>
    control(
      model,
      "toggles",
      (id) => {
        const inputs = model.get("_options_labels").map((label, index) =>
          h("input", {
            id: id + "-" + index,
            type: "radio",
            name: id,
            value: index,
            disabled: model.get("disabled"),
            change: () => model.set("index", index),
          }),
        );
        const update = () => inputs.forEach((input, index) => (input.checked = index === model.get("index")));
        const labels = model.get("_options_labels");
        const pairs = inputs.flatMap((input, i) => [input, h("label", { for: id + "-" + i }, labels[i])]);
        const legend = model.get("description") ? [h("legend", {}, model.get("description"))] : [];
        return [[h("fieldset", {}, ...legend, h("div", {}, ...pairs))], update];
      },
      "index",
    );

  const checkbox = (model) =>
    control(model, "checkbox", (id) => {
      const input = h("input", {
        id,
        type: "checkbox",
        disabled: model.get("disabled"),
        change: () => model.set("value", input.checked),
      });
      return [[input, ...caption(model, id)], () => (input.checked = model.get("value"))];
    });

  const play = (model) => {
    let timer;
    const stop = () => {
      clearInterval(timer);
      timer = undefined;
      button.textContent = "Play";
      model.set("playing", false);
    };
    const advance = () => {
      const next = model.get("value") + model.get("step");
      if (next <= model.get("max")) model.set("value", next);
      else if (model.get("repeat")) model.set("value", model.get("min"));
      else stop();
    };
    const start = () => {
      if (model.get("value") >= model.get("max")) model.set("value", model.get("min"));
      timer = setInterval(advance, model.get("interval"));
      button.textContent = "Pause";
      model.set("playing", true);
    };
    const button = h("button", { type: "button", click: () => (timer === undefined ? start() : stop()) }, "Play");
    return h("div", { class: "widget-control widget-play" }, button);
  };

  const text = (model) => {
    const element = h("div", { class: "widget-control widget-text" });
    const update = () => (element.textContent = String(model.get("value")).replace(/<[^>]*>/g, ""));
    update();
    model.on("change:value", update);
    return element;
  };

  const box = (direction) => async (model) => {
    const children = await Promise.all(model.get("children").map((child) => model.widget_manager.view(child)));
    return h("div", { class: "widget-box widget-" + direction }, ...children);
  };

  const styled = new Set();
  const anyWidget = async (model) => {
    const { widget_manager: manager } = model;
    const css = model.get("_css");
    if (css && !styled.has(css)) {
      styled.add(css);
      // A sheet made by a script, as a policy for a page's own style elements does not hold for it.
      const sheet = globalThis.CSSStyleSheet && new CSSStyleSheet();
      sheet?.replaceSync(css);
      if (sheet) document.adoptedStyleSheets.push(sheet);
    }
    const widget = await (model.widget ??= manager.load(model.get("_esm")).then(async (module) => {
      const loaded = typeof module.default === "function" ? await module.default() : module.default || module;
      await loaded.initialize?.({ model, experimental: {} });
      return loaded;
    }));
    const el = h("div", { class: "widget-any" });
    await widget.render?.({ model, el, experimental: {} });
    return el;
  };

  /* ---- Links ---- */

  const link = (both) => (model) => {
    const ends = ["source", "target"].map((end) => model.get(end));
    const [[source, from], [target, to]] = ends.map(([id, name]) => [model.widget_manager.model(id), name]);
    const forwards = () => target.set(to, source.get(from));
    source.on("change:" + from, forwards);
    if (both) target.on("change:" + to, () => source.set(from, target.get(to)));
    forwards();
  };

  const VIEWS = {
    AnyModel: anyWidget,
    BoundedFloatTextModel: number(false),
    BoundedIntTextModel: number(true),
    BoxModel: box("hbox"),
    CheckboxModel: checkbox,
    DropdownModel: dropdown,
    FloatLogSliderModel: slider(false, true),
    FloatSliderModel: slider(false, false),
    FloatTextModel: number(false),
    GridBoxModel: box("gridbox"),
    HBoxModel: box("hbox"),
    HTMLModel: text,
    IntSliderModel: slider(true, false),
    IntTextModel: number(true),
    LabelModel: text,
    PlayModel: play,
    ToggleButtonsModel: toggleButtons,
    VBoxModel: box("vbox"),
  };
  const LINKS = { DirectionalLinkModel: link(false), LinkModel: link(true) };

  /* Layout traits are CSS properties with underscores. */
  const applyLayout = (element, layout) => {
    const apply = () => {
      for (const [name, value] of Object.entries(layout.state)) {
        if (name[0] !== "_") element.style.setProperty(name.replaceAll("_", "-"), value ?? "");
      }
    };
    apply();
    layout.on("change", apply);
  };

  /* For a page without a policy of its own, or one that allows Blob URLs. */
  const importText = (source) => {
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    return import(url).finally(() => URL.revokeObjectURL(url));
  };

  class Manager {
    constructor({ state }, scripts = {}, importer = importText) {
      this.scripts = scripts;
      this.importer = importer;
      this.modules = new Map();
      this.models = new Map(Object.entries(state).map(([id, entry]) => [id, new Model(this, id, entry)]));
      for (const model of this.models.values()) LINKS[model.name]?.(model);
    }
    model(reference) {
      return this.models.get(reference.replace(REFERENCE, ""));
    }
    async get_model(id) {
      return this.model(id);
    }
    /* The build moves modules out of the page into scripts that pages share: then a script's key stands here. */
    load(esm) {
      if (!this.modules.has(esm)) this.modules.set(esm, this.scripts[esm] ? this.scripts[esm]() : this.importer(esm));
      return this.modules.get(esm);
    }
    async view(reference) {
      const model = this.model(reference);
      if (!VIEWS[model?.name]) throw new Error(`widget host: no view for ${model?.name ?? reference}`);
      const element = await VIEWS[model.name](model);
      const layout = model.get("layout") && this.model(model.get("layout"));
      if (layout) applyLayout(element, layout);
      return element;
    }
  }

  globalThis.widgetHost = { Manager, Model, LINKS, known: [...Object.keys(VIEWS), ...Object.keys(LINKS)] };

  /* ---- The page ---- */

  const startPage = () => {
    const places = [...document.querySelectorAll("[data-widget-view]")];
    const states = [...document.querySelectorAll(`script[type="${STATE_TYPE}"]`)];
    let manager;
    const start = async (place) => {
      if (place.dataset.widgetReady !== undefined) return;
      place.dataset.widgetReady = "starting";
      try {
        manager ??= new Manager(
          { state: Object.assign({}, ...states.map((script) => JSON.parse(script.textContent).state)) },
          globalThis.widgetModules,
        );
        place.replaceChildren(await manager.view(place.dataset.widgetView));
        place.dataset.widgetReady = "yes";
      } catch (error) {
        place.dataset.widgetReady = "failed"; // The still figure stays.
        console.error(error);
      }
    };
    const observer = new IntersectionObserver(
      (entries) => {
        for (const entry of entries) {
          if (entry.isIntersecting) {
            observer.unobserve(entry.target);
            start(entry.target);
          }
        }
      },
      { rootMargin: "600px" },
    );
    for (const place of places) observer.observe(place);
    /* Whoever does not scroll, a screen reader or a search in the page, finds the others alive soon after. */
    const rest = () => {
      const place = places.find((each) => each.dataset.widgetReady === undefined);
      if (place) start(place).then(() => setTimeout(rest, 200));
    };
    addEventListener("load", () => setTimeout(rest, 2000));
  };

  if (globalThis.IntersectionObserver) {
    if (document.readyState === "loading") addEventListener("DOMContentLoaded", startPage);
    else startPage();
  }
})();
