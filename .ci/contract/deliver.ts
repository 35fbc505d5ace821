// Delivers a result by a client of which openapi-typescript wrote the types, in two steps: the signed file, then
// the result that names it. Prints the result's code.
import { readFileSync } from "node:fs";
import createClient from "openapi-fetch";
import type { paths } from "./generated/schema.js";

const env = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
};

const api = createClient<paths>({
  baseUrl: env("API"),
  headers: { Authorization: `Bearer ${env("KEY")}` },
});
const path = { code: env("DOSSIER") };
const header = (call: string) => ({ Actor: env("ACTOR"), "Idempotency-Key": `openapi-typescript-${call}` });

const file = new Blob([readFileSync(env("FILE"))], { type: "application/pdf" });
const sent = await api.POST("/dossiers/{code}/result-files", {
  params: { path, header: header("file") },
  // The type of a raw body is string; what is sent is the file itself.
  body: file as unknown as string,
  bodySerializer: (body) => body as unknown as Blob,
  headers: { "Content-Type": "application/pdf" },
});
if (!sent.data) throw new Error(JSON.stringify(sent.error));
const taken = await api.POST("/dossiers/{code}/results", {
  params: { path, header: header("result") },
  body: {
    file: sent.data.id,
    sha256: sent.data.sha256,
    number: "12/OATS",
    name: "Trích lục",
    issued_on: env("DAY"),
  },
});
if (!taken.data) throw new Error(JSON.stringify(taken.error));
console.log(taken.data.code);
