// Makes types of a hub's description and compiles a client with them: node openapi-client.mjs BASE_URL KEY FOLDER. Prints one JSON object of what came of it.
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import openapiTS, { astToString } from 'openapi-typescript';

const [, , base, key, folder] = process.argv;
const require = createRequire(import.meta.url);
const tsc = path.join(path.dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
const types = astToString(await openapiTS(new URL('/openapi/v1.json', base)));
writeFileSync(path.join(folder, 'api.ts'), types);

// The seed's examples, as they stand there; then what a client of them looks like.
const client = `
import type { components, paths } from './api';
type Create = NonNullable<paths['/api/agent-connections']['post']['requestBody']>['content']['application/json'];
type Schemas = components['schemas'];
const first: Create = {
  "source_agent_id": "agent-a",
  "target_agent_id": "agent-b",
  "connection_type": "webhook",
  "config": { "events": ["workflow.complete"] }
};
const second: Create = { "connection_type": "direct", "config": { "target_agent_id": "agent-b" } };
const third: Create = { "target_agent_id": "agent-b", "events": ["workflow.complete"], "filter": { "workflow_id": "step-1" } };
const fourth: Create = { "config": { "url": "https://agent-b.example.com/webhook", "auth": { "type": "bearer", "token": "{{secrets.agent_b_token}}" }, "fields": ["contacts", "config"] } };
async function create(body: Create): Promise<Schemas['ConnectionView']> {
  const response = await fetch(process.argv[2] + '/api/agent-connections', {
    method: 'POST', headers: { authorization: 'Bearer ' + process.argv[3] }, body: JSON.stringify(body) });
  return ((await response.json()) as Schemas['ConnectionViewItem']).data;
}
declare const process: { argv: string[] };
const made = await create(first);
const said: string = made.connection_type + ' ' + made.source_agent_id + ' ' + made.config.events?.join();
console.log(JSON.stringify({ said, kinds: [second, third, fourth].length }));
export {};
`;
const options = ['--strict', '--target', 'es2022', '--module', 'esnext', '--moduleResolution', 'bundler', '--lib', 'es2022,dom'];
function compile(name, text) {
  writeFileSync(path.join(folder, name), text);
  const done = spawnSync(process.execPath, [tsc, ...options, path.join(folder, name)], { encoding: 'utf8' });
  return { status: done.status, output: done.stdout };
}

writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
const good = compile('client.ts', client);
const wrong = compile('wrong.ts', client.replace('"connection_type": "direct"', '"connection_type": 5'));
const ran = good.status === 0 ? JSON.parse(execFileSync(process.execPath, [path.join(folder, 'client.js'), base.replace(/\/$/, ''), key], { encoding: 'utf8' })) : null;
console.log(JSON.stringify({ good, wrong: wrong.status, ran }));
