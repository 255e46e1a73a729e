// The rooms as data: one row per room, what it MAY import besides itself (DESIGN section 3). Type-only imports count.
const ANY = '.+';
const PURE_BASE = ['expressions', 'resources'];
const ROOMS = {
  expressions: { src: [], npm: ['croner', 're2js', 'js-yaml', '@noble/hashes'], node: [] },
  resources: { src: ['expressions'], npm: ['zod', '@noble/hashes'], node: [] },
  triggers: { src: PURE_BASE, npm: ['@noble/hashes'], node: [] },
  pipelines: { src: PURE_BASE, npm: ['@noble/hashes'], node: [] },
  tasks: { src: PURE_BASE, npm: ['@noble/hashes'], node: [] },
  chart: { src: PURE_BASE, npm: ['@noble/hashes'], node: [] },
  ports: { src: [...PURE_BASE, 'triggers', 'pipelines', 'tasks'], npm: [], node: [] },
  controllers: { src: [...PURE_BASE, 'triggers', 'pipelines', 'tasks', 'ports'], npm: [], node: [] },
  events: { src: [...PURE_BASE, 'triggers', 'pipelines', 'tasks', 'ports'], npm: [], node: ['crypto'] },
  traces: { src: [...PURE_BASE, 'triggers', 'ports'], npm: ['@noble/hashes'], node: [] },
  'stores/[^/]+': {
    src: [...PURE_BASE, 'tasks', 'ports', 'triggers'],
    npm: [ANY],
    node: [ANY],
    self: 'stores/$1',
    shared: ['stores/selectors', 'stores/shared', 'kube'],
  },
  'runtimes/[^/]+': { src: [...PURE_BASE, 'tasks', 'ports'], npm: [ANY], node: [ANY], self: 'runtimes/$1', shared: ['kube'] },
  'resolvers/[^/]+': { src: [...PURE_BASE, 'tasks', 'ports'], npm: [ANY], node: [ANY], self: 'resolvers/$1', shared: ['registry'] },
  'reporters/[^/]+': { src: [...PURE_BASE, 'tasks', 'ports'], npm: [ANY], node: [ANY], self: 'reporters/$1' },
  registry: { src: ['resources', 'ports'], npm: ['@types/node'], node: [ANY] },
  kube: { src: [...PURE_BASE, 'ports'], npm: ['@kubernetes/client-node', '@types/node'], node: [ANY] },
  http: { src: [...PURE_BASE, 'triggers', 'ports'], npm: [], node: [ANY] },
  server: {
    src: [...PURE_BASE, 'triggers', 'pipelines', 'tasks', 'ports', 'events', 'controllers'],
    npm: ['express', 'prom-client', 'ws', '@types/express', '@types/node', '@types/ws'],
    node: [ANY],
  },
  console: { src: ['resources', 'expressions', 'pipelines/graph'], npm: [ANY], node: [] },
  cli: { src: ['expressions', 'resources', 'chart', 'ports', 'kube', 'main'], npm: [ANY], node: [ANY] },
  main: { src: [ANY], npm: [ANY], node: [ANY], not: ['console'] },
};
const TEST = '\\.test\\.tsx?$';
const alt = (xs) => xs.join('|');
const except = (prefix, xs) => (xs.length > 0 ? { pathNot: `${prefix}(${alt(xs)})(/|$)` } : {});

const rules = Object.entries(ROOMS).flatMap(([room, may]) => {
  const family = room.endsWith('/[^/]+');
  const from = family ? `^src/${room.slice(0, -6)}/([^/]+)/` : `^src/${room}/`;
  const own = [may.self ?? room, ...may.src, ...(may.shared ?? [])];
  const to = own.includes(ANY) ? { path: `^src/(${alt(may.not)})/` } : { path: '^src/', pathNot: `^src/(${alt(own)})(/|\\.ts$)` };
  return [
    { name: `room: ${room}`, severity: 'error', from: { path: from, pathNot: TEST }, to },
    ...(may.node.includes(ANY)
      ? []
      : [
          {
            name: `node: ${room}`,
            severity: 'error',
            from: { path: from, pathNot: TEST },
            to: { dependencyTypes: ['core'], ...except('^(node:)?', may.node) },
          },
        ]),
    ...(may.npm.includes(ANY)
      ? []
      : [
          {
            name: `npm: ${room}`,
            severity: 'error',
            from: { path: from, pathNot: TEST },
            to: { dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-no-pkg', 'npm-unknown'], ...except('node_modules/', may.npm) },
          },
        ]),
  ];
});

export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    { name: 'src-never-imports-tests', severity: 'error', from: { path: '^src/', pathNot: TEST }, to: { path: '^(test|tools)/' } },
    {
      name: 'no-unknown-room',
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/(${alt(Object.keys(ROOMS))})(/|\\.ts$)` },
      to: {},
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    ...rules,
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
    },
  },
};
