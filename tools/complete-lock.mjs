// Adds to package-lock.json the optional packages for platforms that the registry in use did not offer when the lock was written: `npm ci` refuses
// a lock that lacks them, on every platform. They are entered without a checksum, which npm fills in where they are installed.
// Run after every `npm install` that changes the lock: `npm run lock`.
import { readFile, writeFile } from 'node:fs/promises';

const OS = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32', 'aix', 'netbsd', 'openbsd', 'sunos'];
const CPU = ['arm64', 'arm', 'x64', 'ia32', 'ppc64', 'riscv64', 's390x', 'loong64', 'mips64el'];

const lock = JSON.parse(await readFile('package-lock.json', 'utf8'));
const added = [];
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(path === '' ? {} : (entry.optionalDependencies ?? {}))) {
    const place = `node_modules/${name}`;
    const parts = name.split(/[-/]/);
    const os = parts.find((part) => OS.includes(part));
    if (lock.packages[place] !== undefined || lock.packages[`${path}/${place}`] !== undefined || os === undefined) continue;
    const cpu = parts.find((part) => CPU.includes(part));
    const libc = /musl/.test(name) ? ['musl'] : os === 'linux' && /gnu/.test(name) ? ['glibc'] : undefined;
    lock.packages[place] = {
      version,
      ...(cpu && { cpu: [cpu] }),
      ...(entry.dev && { dev: true }),
      ...(libc && { libc }),
      optional: true,
      os: [os],
    };
    added.push(name);
  }
}
const root = lock.packages[''];
delete lock.packages[''];
lock.packages = { '': root, ...Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1))) };
await writeFile('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${added.length} platform packages added\n`);
