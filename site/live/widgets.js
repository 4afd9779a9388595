// The widgets of a live kernel, drawn by the page's own host (site/widgets/host.js): what a reader moves is told
// to Python, and what Python changes is drawn.

const { Manager, Model, LINKS } = globalThis.widgetHost;

const isBinary = (value) => value instanceof ArrayBuffer || ArrayBuffer.isView(value);
const view = (buffer) =>
  ArrayBuffer.isView(buffer) ? new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength) : new DataView(buffer);

/* Put the binary parts of a message where they belong in its state. */
function withBuffers({ state, buffer_paths: paths = [] }, buffers = []) {
  paths.forEach((path, index) => {
    const holder = path.slice(0, -1).reduce((place, key) => place[key], state);
    holder[path.at(-1)] = view(buffers[index]);
  });
  return state;
}

class LiveModel extends Model {
  constructor(manager, comm, state) {
    super(manager, comm.commId, { state });
    this.comm = comm;
    this.untold = new Set();
    this.telling = false;
    comm.onMsg = ({ content: { data }, buffers }) => {
      // What Python sets is not told back to it. An echo of what was told is no news.
      if (data.method === "update") super.set(withBuffers(data, buffers));
      if (data.method === "custom") this.trigger("msg:custom", data.content, buffers.map(view));
    };
  }

  set(key, value) {
    const changes = typeof key === "object" ? key : { [key]: value };
    super.set(changes);
    for (const name of Object.keys(changes)) this.untold.add(name);
    queueMicrotask(() => this.tell());
  }

  save_changes() {
    this.tell();
  }

  send(content, _callbacks, buffers = []) {
    this.comm.send({ method: "custom", content }, {}, buffers);
  }

  /* One message at a time: while Python is busy with the last, newer values replace those that wait. */
  async tell() {
    if (this.telling || !this.untold.size || this.comm.isDisposed) return;
    const state = {};
    const buffers = [];
    const paths = [];
    for (const name of this.untold) {
      const value = this.state[name];
      if (isBinary(value)) {
        paths.push([name]);
        buffers.push(value);
      } else state[name] = value;
    }
    this.untold.clear();
    this.telling = true;
    try {
      await this.comm.send({ method: "update", state, buffer_paths: paths }, {}, buffers).done;
    } catch {
      // The kernel is gone, or starts anew; its widgets with it.
    }
    this.telling = false;
    this.tell();
  }
}

export class LiveWidgets extends Manager {
  constructor(connection) {
    super({ state: {} });
    connection.registerCommTarget("jupyter.widget", (comm, { content: { data }, buffers }) => {
      const model = new LiveModel(this, comm, withBuffers(data, buffers));
      this.models.set(comm.commId, model);
      LINKS[model.name]?.(model);
    });
  }
}
