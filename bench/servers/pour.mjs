// The floor of handing out a large room: a raw socket server that pours the same bytes into every connection, and does nothing else.
import { createServer } from "node:net";

const chunk = Buffer.alloc(256 * 1024, 7);
const chunks = Math.ceil(Number(process.env.BYTES) / chunk.length);

const server = createServer((socket) => {
  let left = chunks;
  const pour = () => {
    while (left > 0) {
      left -= 1;
      if (!socket.write(chunk)) {
        if (left > 0) socket.once("drain", pour);
        break;
      }
    }
    if (left === 0) socket.end();
  };
  socket.on("error", () => socket.destroy());
  pour();
});
server.listen(Number(process.env.PORT), "127.0.0.1");
