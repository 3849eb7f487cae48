/** What tests stand on: a clock under control, contract suites of the ports, fault injectors. Never imported by a product. */

export * from "./local-clock.ts";
export * from "./virtual-clock.ts";
