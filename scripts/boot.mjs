// One command from a fresh clone: installs what is missing, builds, then runs the task.
//   node scripts/boot.mjs start|test|test:long|build|demo|simulate|mutations|kills|fuzz|bench [-- arguments]
// Plain JavaScript with Node's own modules only, since it runs before anything is installed.

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
process.chdir(root);
process.env.TURBO_TELEMETRY_DISABLED = "1";

const cacheFolder = join(root, ".cache");
const stampFile = join(root, "node_modules", ".context-mesh-install");
const keyFiles = [
  "typescript/package.json",
  "vitest/package.json",
  "yjs/package.json",
  "@photostructure/sqlite/package.json",
];

const say = (text) => process.stderr.write(`${text}\n`);

const fail = (message, hint) => {
  say(`✗ ${message}\n  ${hint}`);
  process.exit(1);
};

/** The npm that started us, else the one on the PATH. */
const npmCommand = () =>
  process.env.npm_execpath?.endsWith(".js")
    ? [process.execPath, [process.env.npm_execpath]]
    : [process.platform === "win32" ? "npm.cmd" : "npm", []];

const lockHash = () => createHash("sha256").update(readFileSync("package-lock.json")).digest("hex");

const isInstalled = () =>
  keyFiles.every((file) => existsSync(join(root, "node_modules", file))) &&
  existsSync(stampFile) &&
  readFileSync(stampFile, "utf8") === lockHash();

const checkNode = () => {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const supported = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major >= 24;
  if (!supported) fail(`Node ${process.versions.node} is too old.`, "Install Node 22 or newer (20.19 works too).");
};

const install = () => {
  if (isInstalled()) return;
  say("• installing dependencies (once, about half a minute) …");
  const [command, before] = npmCommand();
  const run = spawnSync(command, [...before, "ci", "--include=dev", "--no-audit", "--no-fund"], {
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
  });
  if (run.status !== 0) {
    say(run.stderr);
    fail(
      "npm ci failed.",
      "Check the network and the registry (npm config get registry), then run the same command again.",
    );
  }
  writeFileSync(stampFile, lockHash());
};

const build = () => {
  const run = spawnSync(
    process.execPath,
    ["node_modules/turbo/bin/turbo", "run", "build", "--output-logs=errors-only"],
    {
      stdio: ["ignore", "pipe", "pipe"],
      encoding: "utf8",
      env: { ...process.env, TURBO_UI: "false" },
    },
  );
  if (run.status !== 0) {
    say(run.stdout + run.stderr);
    fail("The build failed.", "The compiler's messages are above.");
  }
  const tools = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-b"], { stdio: "inherit" });
  if (tools.status !== 0) fail("The build failed.", "The compiler's messages are above.");
};

/** Chromium for the browser tests: an existing one, else Debian's package where apt is at hand. */
const findBrowser = () =>
  [process.env.CHROMIUM_PATH, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
    (path) => path !== undefined && existsSync(path),
  );

/** Debian's package, where apt is at hand and may be used. */
const installPackage = (name, why) => {
  const canInstall = process.platform === "linux" && process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");
  if (!canInstall) return;
  say(`• installing ${name} for ${why} (once) …`);
  const quiet = { stdio: "ignore", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } };
  spawnSync("apt-get", ["update", "-qq"], quiet);
  spawnSync("apt-get", ["install", "-y", "-qq", name], quiet);
};

const ensureBrowser = () => {
  if (findBrowser() === undefined) installPackage("chromium", "the browser tests");
};

/** What reaches the disk before what is said is read from a trace of system calls. */
const ensureTracer = () => {
  if (spawnSync("strace", ["-V"], { stdio: "ignore" }).status !== 0)
    installPackage("strace", "the tests of durability");
};

/** Runs a child in the foreground, passes signals on, and stops it when our parent goes away. */
const runForeground = (file, args, env = {}) =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [file, ...args], { stdio: "inherit", env: { ...process.env, ...env } });
    const forward = (signal) => child.kill(signal);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, forward);
    const parent = process.ppid;
    const watch = setInterval(() => {
      if (process.ppid !== parent) child.kill("SIGTERM");
    }, 500);
    watch.unref();
    child.on("exit", (code, signal) => resolve(code ?? (signal === "SIGINT" ? 130 : 1)));
  });

const vitest = (args) => runForeground("node_modules/vitest/vitest.mjs", args);

const readJson = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined);

const countVitest = (report) => ({
  passed: report?.numPassedTests ?? 0,
  failed:
    (report?.numFailedTests ?? 0) +
    (report?.testResults ?? []).filter((f) => f.status === "failed" && f.assertionResults.length === 0).length,
  skipped: (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0),
});

const countPlaywright = (report) => ({
  passed: (report?.stats?.expected ?? 0) + (report?.stats?.flaky ?? 0),
  failed: report?.stats?.unexpected ?? 0,
  skipped: report?.stats?.skipped ?? 0,
});

const reporters = (file) => ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];

/** A run whose exit code says "failed" is never reported as clean, whatever the reports counted. */
const sumUp = (counts, isFailed) => {
  const sum = (name) => counts.reduce((total, count) => total + count[name], 0);
  const failed = Math.max(sum("failed"), isFailed ? 1 : 0);
  process.stdout.write(`\n${sum("passed")} passed, ${failed} failed, ${sum("skipped")} skipped\n`);
  return failed === 0 ? 0 : 1;
};

const testLong = async (args) => {
  ensureTracer();
  mkdirSync(cacheFolder, { recursive: true });
  const results = join(cacheFolder, "long-results.json");
  rmSync(results, { force: true });
  const code = await vitest(["run", "--project=long", ...reporters(results), ...args]);
  return sumUp([countVitest(readJson(results))], code !== 0);
};

const test = async (args) => {
  ensureBrowser();
  ensureTracer();
  mkdirSync(cacheFolder, { recursive: true });
  const results = join(cacheFolder, "test-results.json");
  const e2eResults = join(cacheFolder, "e2e-results.json");
  rmSync(results, { force: true });
  rmSync(e2eResults, { force: true });
  const unitCode = await vitest(["run", "--project=!long", ...reporters(results), ...args]);
  let e2eCode = 0;
  if (existsSync("playwright.config.ts")) {
    const browser = findBrowser();
    if (browser === undefined) {
      say("✗ no Chromium found for the browser tests: install it, or name it in CHROMIUM_PATH.");
      e2eCode = 1;
    } else {
      e2eCode = await runForeground("node_modules/@playwright/test/cli.js", ["test"], {
        CHROMIUM_PATH: browser,
        PLAYWRIGHT_JSON_OUTPUT_FILE: e2eResults,
      });
    }
  }
  const counts = [countVitest(readJson(results)), countPlaywright(readJson(e2eResults))];
  return sumUp(counts, unitCode !== 0 || e2eCode !== 0);
};

/** Tests that run in one process each are seen; what commands run in processes of their own is not. */
const coverage = async (args) => {
  const code = await vitest(["run", "--project=unit", "--project=integration", "--coverage", ...args]);
  if (!existsSync(join(root, "coverage", "coverage-summary.json"))) return code === 0 ? 1 : code;
  return (await runForeground("bench/dist/coverage-record.js", [])) || code;
};

/** A relay that is alone on its machine also decides claims; with peers somebody has to say which one does. */
const startArguments = (args) => {
  const isDecided = args.some((argument) => /^--(arbiter|peer)(=|$)/.test(argument));
  return isDecided ? args : ["--arbiter", "*", ...args];
};

const tasks = {
  start: (args) => runForeground("apps/cli/bin/context-mesh.mjs", ["up", ...startArguments(args)]),
  test,
  "test:long": testLong,
  build: () => 0,
  demo: (args) => runForeground("test/demo/dist/main.js", args),
  simulate: (args) => runForeground("test/simulation/dist/main.js", args),
  fuzz: (args) => runForeground("test/fuzz/dist/main.js", args),
  mutations: (args) => runForeground("test/mutations/dist/main.js", args),
  kills: (args) => runForeground("test/kills/dist/main.js", args),
  bench: (args) => runForeground("bench/dist/main.js", args),
  report: (args) => runForeground("bench/dist/report/main.js", args),
  coverage,
};

const [name = "", ...rest] = process.argv.slice(2);
const task = tasks[name];
if (task === undefined) fail(`Unknown task "${name}".`, `One of: ${Object.keys(tasks).join(", ")}.`);
checkNode();
install();
build();
process.exitCode = await task(rest.filter((argument, at) => !(argument === "--" && at === 0)));
