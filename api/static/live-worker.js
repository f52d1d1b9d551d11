// One stream of changes for all tabs of a browser. Browsers open at most six connections to a
// site over HTTP/1.1, so a stream for each tab would freeze the seventh request.
"use strict";

const ports = new Set();
let source = null;
let connected = false;
let last = null; // the newest message, for a tab that comes later

const tell = (message) => ports.forEach((port) => port.postMessage(message));

function open(address) {
  source = new EventSource(address);
  source.onopen = () => {
    connected = true;
    tell({ kind: "open" });
  };
  source.onerror = () => {
    connected = false;
    tell({ kind: "lost" });
    // A refused stream is not tried again by the browser itself.
    if (source.readyState === EventSource.CLOSED) {
      source = null;
      setTimeout(() => source || ports.size === 0 || open(address), 3000);
    }
  };
  source.addEventListener("change", (event) => {
    last = JSON.stringify({ ...JSON.parse(event.data), streams: [], all: false });
    tell({ kind: "change", data: event.data });
  });
}

onconnect = (connection) => {
  const port = connection.ports[0];
  port.onmessage = ({ data }) => {
    if (data.kind === "listen") {
      ports.add(port);
      if (!source) open(data.address);
      else if (connected) {
        port.postMessage({ kind: "open" });
        if (last) port.postMessage({ kind: "change", data: last });
      }
    } else {
      ports.delete(port);
      if (ports.size === 0 && source) {
        source.close();
        source = null;
        connected = false;
      }
    }
  };
};
