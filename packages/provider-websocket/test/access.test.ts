/** Which Host and Origin may pass: a table. */

import { describe, expect, it } from "vitest";
import { offersOf, refusalOf, tokenOf } from "../src/access.ts";

const rules = { allowedHosts: ["mesh.example.com"], allowedOrigins: ["https://tool.example.com"], port: 7420 };

describe("Host and Origin", () => {
  it.each([
    ["127.0.0.1:7420", undefined, undefined],
    ["localhost:7420", undefined, undefined],
    ["[::1]:7420", undefined, undefined],
    ["mesh.example.com", undefined, undefined],
    ["MESH.example.com:8080", undefined, undefined],
    [undefined, undefined, "host_not_allowed"],
    ["evil.example.com", undefined, "host_not_allowed"],
    ["evil.example.com@127.0.0.1", undefined, "host_not_allowed"],
    ["127.0.0.1.evil.example.com", undefined, "host_not_allowed"],
    ["127.0.0.1:7420", "http://127.0.0.1:7420", undefined],
    ["127.0.0.1:7420", "http://localhost:7420", undefined],
    ["mesh.example.com", "https://mesh.example.com", undefined],
    ["127.0.0.1:7420", "https://tool.example.com", undefined],
    ["127.0.0.1:7420", "http://localhost:3000", "origin_not_allowed"],
    ["127.0.0.1:7420", "https://evil.example.com", "origin_not_allowed"],
    ["127.0.0.1:7420", "null", "origin_not_allowed"],
    ["127.0.0.1:7420", "file://", "origin_not_allowed"],
    ["127.0.0.1:7420", "http://127.0.0.1:7420.evil.example.com", "origin_not_allowed"],
  ])("host %s with origin %s: %s", (host, origin, expected) => {
    const headers = { ...(host === undefined ? {} : { host }), ...(origin === undefined ? {} : { origin }) };
    expect(refusalOf(headers, rules)).toBe(expected);
  });
});

describe("what a handshake carries", () => {
  it("takes the token from the header first, then from the query", () => {
    expect(tokenOf({ authorization: "Bearer abc" }, "/room?token=def")).toBe("abc");
    expect(tokenOf({ authorization: "Bearer three words long " }, "/room")).toBe("three words long");
    expect(tokenOf({}, "/room?x=1&token=d%20f")).toBe("d f");
    expect(tokenOf({ authorization: "Basic abc" }, "/room")).toBeUndefined();
  });

  it("lists the offered subprotocols in order", () => {
    expect(offersOf({ "sec-websocket-protocol": "a, context-mesh.1 ,b" })).toEqual(["a", "context-mesh.1", "b"]);
    expect(offersOf({})).toEqual([]);
  });
});
