// The floor: a WebSocket server that passes every message on to the others of its room, and does nothing else.
import { WebSocketServer } from "ws";

const roomByName = new Map();
const server = new WebSocketServer({ host: "127.0.0.1", port: Number(process.env.PORT), perMessageDeflate: false });
server.on("connection", (socket, request) => {
  const name = request.url ?? "/";
  const room = roomByName.get(name) ?? new Set();
  roomByName.set(name, room);
  room.add(socket);
  socket.on("message", (data) => {
    for (const other of room) if (other !== socket && other.readyState === 1) other.send(data);
  });
  socket.on("close", () => {
    room.delete(socket);
    if (room.size === 0) roomByName.delete(name);
  });
  socket.on("error", () => socket.terminate());
});
