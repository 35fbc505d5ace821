// One-stop software written from the contract alone, with the client that hey-api generates: it takes events by
// push and by pull, fetches what they tell of, acknowledges it, and does what its officers say at /officer.
import { createHash, createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { client } from "./generated/hey/client.gen.js";
import * as api from "./generated/hey/sdk.gen.js";
import type { Dossier, Event, Revision } from "./generated/hey/types.gen.js";

const env = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
};

client.setConfig({ baseUrl: env("API"), auth: () => env("KEY") });
const Actor = env("ACTOR");

// What the office keeps: its book lies in one file, which is replaced whole.
interface Kept {
  office_code: string;
  header?: Dossier;
  revisions: Record<string, { sha256: string; owner: string; files: Record<string, string> }>;
  events: string[];
}
interface Book {
  cursor?: string;
  seen: string[];
  dossiers: Record<string, Kept>;
}
const file = env("BOOK");
let book: Book = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { seen: [], dossiers: {} };
const keep = (): void => {
  writeFileSync(`${file}.new`, JSON.stringify(book));
  renameSync(`${file}.new`, file);
};

// verified tells whether a push comes from the portal: an HMAC-SHA256 of id, time and body, and the time is ours.
const verified = (headers: IncomingMessage["headers"], body: string): boolean => {
  const [id, at, signatures] = ["id", "timestamp", "signature"].map((name) => String(headers[`webhook-${name}`]));
  if (Math.abs(Date.now() / 1000 - Number(at)) > 300) return false;
  const secret = Buffer.from(env("SECRET").replace(/^whsec_/, ""), "base64");
  const want = createHmac("sha256", secret).update(`${id}.${at}.${body}`).digest();
  return signatures!.split(" ").some((one) => {
    const [version, text] = one.split(",");
    const got = Buffer.from(text ?? "", "base64");
    return version === "v1" && got.length === want.length && timingSafeEqual(got, want);
  });
};

// must gives the answer of a call, or fails with the problem that the portal told.
const must = async <T>(call: Promise<{ data?: T; error?: unknown }>): Promise<T> => {
  const { data, error } = await call;
  if (data === undefined) throw new Error(JSON.stringify(error));
  return data;
};
const changing = () => ({ Actor, "Idempotency-Key": `ts-${randomUUID()}` });

// The next number of the office's own, above all that its book has.
const nextNumber = (): string =>
  `TS-${1 + Math.max(0, ...Object.values(book.dossiers).map((kept) => Number(kept.office_code.replace(/^TS-/, "")) || 0))}`;

// fetchRevision stores a revision after its bytes were compared with the hash that the event told.
const fetchRevision = async (code: string, number: number, sha256: string): Promise<void> => {
  const text = await must(api.getRevision({ path: { code, number }, headers: { Actor }, parseAs: "text" }));
  const raw = String(text);
  if (createHash("sha256").update(raw).digest("hex") !== sha256) throw new Error(`revision ${number} of ${code}`);
  const revision = JSON.parse(raw) as Revision;
  const files: Record<string, string> = {};
  for (const one of revision.files) {
    const blob = (await must(
      api.getFile({ path: { code, number, file: one.id }, headers: { Actor }, parseAs: "arrayBuffer" }),
    )) as unknown as ArrayBuffer;
    files[one.id] = createHash("sha256").update(Buffer.from(blob)).digest("hex");
    if (files[one.id] !== one.sha256) throw new Error(`file ${one.id} of ${code}`);
  }
  book.dossiers[code]!.revisions[number] = { sha256, owner: revision.owner.name, files };
};

// take does what an event asks for, once: the same event may come by push and by pull.
const take = async (event: Event): Promise<void> => {
  if (book.seen.includes(event.id)) return;
  const { dossier: code, revision, sha256 } = event.data;
  const known = book.dossiers[code];
  const kept = (book.dossiers[code] ??= {
    office_code: nextNumber(),
    revisions: {},
    events: [],
  });
  if (!kept.revisions[revision]) await fetchRevision(code, revision, sha256);
  if (!known || known.header?.office_code === undefined) {
    kept.header = await must(
      api.postAcknowledge({ path: { code }, headers: changing(), body: { office_code: kept.office_code } }),
    );
  }
  kept.events.push(event.type);
  book.seen.push(event.id);
  keep();
};

// One event after another, in the order in which they came.
let line: Promise<void> = Promise.resolve();
const inLine = (act: () => Promise<void>): Promise<void> => {
  const done = line.then(act);
  line = done.catch(() => undefined);
  return done;
};

const pull = async (): Promise<void> => {
  for (;;) {
    const batch = await must(api.getFeed({ headers: { Actor }, query: book.cursor ? { after: book.cursor } : {} }));
    for (const event of batch.events) await inLine(() => take(event));
    book.cursor = batch.next;
    keep();
    if (!batch.more) return;
  }
};

// restore enters a dossier as the portal tells it, under the number that the office gave it before it lost its
// book. One that was never acknowledged is acknowledged when its event comes.
const restore = async (code: string): Promise<void> => {
  const header = await must(api.getDossier({ path: { code }, headers: { Actor } }));
  const kept = (book.dossiers[code] ??= { office_code: "", revisions: {}, events: [] });
  kept.header = header;
  kept.office_code = header.office_code ?? (kept.office_code || nextNumber());
  for (const one of header.revisions) {
    if (kept.revisions[one.number]?.sha256 !== one.sha256) await fetchRevision(code, one.number, one.sha256);
  }
  keep();
};

// rebuild makes the book anew from the portal's lists, and compares how many dossiers both have.
const rebuild = async (): Promise<{ portal: number; book: number }> => {
  for (let after: string | undefined; ; ) {
    const page = await must(api.getDossiers({ headers: { Actor }, query: { limit: 2, ...(after ? { after } : {}) } }));
    for (const one of page.dossiers) await restore(one.code);
    after = page.next;
    if (!page.more) break;
  }
  const counted = await must(api.getDossierCounts({ headers: { Actor } }));
  return { portal: counted.total, book: Object.keys(book.dossiers).length };
};

// What an officer does.
const acts: Record<string, (code: string, told: Record<string, string>) => Promise<unknown>> = {
  receive: (code) => must(api.postReceive({ path: { code }, headers: changing(), body: {} })),
  process: (code) => must(api.postProcess({ path: { code }, headers: changing(), body: {} })),
  supplement: (code, { field, reason, deadline }) =>
    must(
      api.postSupplement({
        path: { code },
        headers: changing(),
        body: { fields: [field!], reasons: { [field!]: reason! }, deadline: deadline! },
      }),
    ),
  deliver: async (code, { pdf, day }) => {
    const body = new Blob([readFileSync(pdf!)], { type: "application/pdf" });
    const sent = await must(api.postResultFile({ path: { code }, headers: changing(), body }));
    return must(
      api.postResult({
        path: { code },
        headers: changing(),
        body: { file: sent.id, sha256: sent.sha256, number: "12/TS", name: "Trích lục", issued_on: day! },
      }),
    );
  },
  pull: () => pull(),
  book: () => Promise.resolve(book),
  rebuild: async () => {
    let compared = { portal: 0, book: 0 };
    await inLine(async () => void (compared = await rebuild()));
    return compared;
  },
};

const read = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
};

const answer = (response: ServerResponse, status: number, value?: unknown): void => {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify(value ?? {}));
};

/** What the portal posts to an endpoint that is to be proved. */
type Challenge = { type: "endpoint.challenge"; data: { challenge: string } };

const proof = (asked: Challenge) => ({ challenge: asked.data.challenge });

const server = createServer(async (request, response) => {
  try {
    const body = await read(request);
    if (request.url === "/events") {
      if (!verified(request.headers, body)) return answer(response, 401);
      const posted = JSON.parse(body) as Event | Challenge;
      if (posted.type === "endpoint.challenge") return answer(response, 200, proof(posted as Challenge));
      await inLine(() => take(posted as Event));
      return answer(response, 200);
    }
    const { act, code, ...told } = JSON.parse(body) as Record<string, string>;
    answer(response, 200, await acts[act!]!(code!, told));
  } catch (failure) {
    console.error(failure);
    answer(response, 500, { failure: String(failure) });
  }
});
server.listen(0, "127.0.0.1", () => {
  const at = server.address();
  if (at && typeof at === "object") console.log(`listening http://127.0.0.1:${at.port}`);
});
