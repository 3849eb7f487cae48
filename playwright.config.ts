/** Browser tests: Debian's Chromium (or the one CHROMIUM_PATH names) against real relays and real agents. */

import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "e2e",
  testMatch: "**/*.spec.ts",
  // Each has a relay of its own, and files share nothing: browser tests mostly wait.
  workers: 2,
  retries: 0,
  timeout: 60_000,
  outputDir: "test-results",
  reporter: [["line"], ["json", { outputFile: ".cache/e2e-results.json" }]],
  use: {
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--disable-domain-reliability",
        "--disable-quic",
      ],
    },
  },
});
