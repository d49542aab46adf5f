// Compiles what Nutgraf sends as literals of the types that Slack and Discord
// publish: the golden files, and the bodies that the conversations recorded.
//
//	node check.mjs [DIR]
//
// DIR holds files of JSON lines {"as": …, "body": …}, as the conversations write
// them with NUTGRAF_TEST_BODIES=DIR.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const out = join(here, "build");

// The types, with the module that each is from.
const modules = {
  "@slack/types": ["KnownBlock", "ModalView", "HomeView", "PlainTextOption"],
  "@slack/web-api": ["AppsManifestValidateArguments", "ChatPostMessageArguments"],
  "discord-api-types/v10": [
    "RESTPostAPIChannelMessageJSONBody", "RESTPatchAPIChannelMessageJSONBody", "RESTPostAPIChannelMessagesThreadsJSONBody",
    "RESTPostAPIGuildForumThreadsJSONBody", "RESTPostAPIInteractionCallbackJSONBody", "RESTPostAPIInteractionFollowupJSONBody",
    "RESTPatchAPIInteractionOriginalResponseJSONBody", "RESTPutAPIApplicationCommandsJSONBody", "RESTPostAPICurrentUserCreateDMChannelJSONBody",
    "APIModalInteractionResponseCallbackData", "APICommandAutocompleteInteractionResponseCallbackData",
  ],
};

// The types of what a person's act on Slack is answered with, which have no name
// there: a message is one of chat.postMessage without its channel.
const answers = `
type EachOf<T> = T extends unknown ? Omit<T, "channel" | "blocks"> : never;
type MessageAnswer = EachOf<ChatPostMessageArguments> & { text: string; blocks?: KnownBlock[]; response_type?: "ephemeral" | "in_channel"; replace_original?: boolean; delete_original?: boolean };
type WindowAnswer = { response_action: "errors"; errors: Record<string, string> } | { response_action: "update" | "push"; view: ModalView } | { response_action: "clear" };
type MenuAnswer = { options: PlainTextOption[] } | { option_groups: { label: PlainTextOption["text"]; options: PlainTextOption[] }[] };
`;

const slack = {
  "slack slash_commands": "MessageAnswer", "slack response_url": "MessageAnswer", "slack view_submission": "WindowAnswer", "slack block_suggestion": "MenuAnswer",
};

// The requests to Discord, by method and path.
const discord = [
  [/^POST channels\/\d+\/messages$/, "RESTPostAPIChannelMessageJSONBody"],
  [/^PATCH channels\/\d+\/messages\/\d+$/, "RESTPatchAPIChannelMessageJSONBody"],
  [/^POST channels\/\d+\/messages\/\d+\/threads$/, "RESTPostAPIChannelMessagesThreadsJSONBody"],
  [/^POST channels\/\d+\/threads$/, "RESTPostAPIGuildForumThreadsJSONBody"],
  [/^POST interactions\/[^/]+\/[^/]+\/callback$/, "RESTPostAPIInteractionCallbackJSONBody"],
  [/^POST webhooks\/[^/]+\/[^/]+$/, "RESTPostAPIInteractionFollowupJSONBody"],
  [/^PATCH webhooks\/[^/]+\/[^/]+\/messages\/@original$/, "RESTPatchAPIInteractionOriginalResponseJSONBody"],
  [/^PUT applications\/\d+\/commands$/, "RESTPutAPIApplicationCommandsJSONBody"],
  [/^POST users\/@me\/channels$/, "RESTPostAPICurrentUserCreateDMChannelJSONBody"],
];

const seen = new Set();
const literals = [];

// add takes a value once for each form that it can have.
function add(where, type, value) {
  const key = type + shape(value);
  if (!seen.has(key)) {
    seen.add(key);
    literals.push({ where, type, value: known(value) });
  }
}

function shape(v, name = "") {
  if (Array.isArray(v)) return "[" + [...new Set(v.map((e) => shape(e)))].sort().join() + "]";
  if (v && typeof v === "object") return "{" + Object.keys(v).sort().map((k) => k + ":" + shape(v[k], k)) + "}";
  return ["type", "style", "button_style"].includes(name) ? JSON.stringify(v) : typeof v;
}

// several reads the JSON values that stand one after the other in a text.
function several(text) {
  const list = [];
  let depth = 0, start = 0, quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c === "\\") i++;
      else if (c === '"') quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === "{" || c === "[") {
      if (depth++ === 0) start = i;
    } else if (c === "}" || c === "]") {
      if (--depth === 0) list.push(JSON.parse(text.slice(start, i + 1)));
    }
  }
  return list;
}

function golden(platform) {
  const dir = join(root, "adapters", platform, "testdata");
  for (const file of readdirSync(dir).filter((f) => f.endsWith(".json")).sort()) {
    for (const value of several(readFileSync(join(dir, file), "utf8"))) {
      const where = `${platform}/${file}`;
      if (platform === "slack") ofSlack(where, value);
      else if (value.title && value.components) add(where, "APIModalInteractionResponseCallbackData", value);
      else if (value.choices) add(where, "APICommandAutocompleteInteractionResponseCallbackData", value);
      else if (typeof value.type === "number") add(where, "RESTPostAPIInteractionCallbackJSONBody", value);
      else if (!Array.isArray(value)) add(where, "RESTPostAPIChannelMessageJSONBody", value);
    }
  }
}

function ofSlack(where, value) {
  if (value.display_information) add(where, "AppsManifestValidateArguments", { manifest: value });
  else if (value.type === "modal") add(where, "ModalView", value);
  else if (value.type === "home") add(where, "HomeView", value);
  else if (value.blocks) add(where, "KnownBlock[]", value.blocks);
}

function recorded(dir) {
  for (const file of readdirSync(dir).filter((f) => f.endsWith(".jsonl")).sort()) {
    for (const line of readFileSync(join(dir, file), "utf8").split("\n").filter(Boolean)) {
      const { as, body } = JSON.parse(line);
      if (as === "slack") {
        ofSlack(file, body);
        continue;
      }
      const type = slack[as] ?? discord.find(([form]) => form.test(as))?.[1];
      if (!type) throw new Error(`${file}: no type is known for ${as}`);
      add(`${file}: ${as}`, type, body);
    }
  }
}

// ahead are fields that Slack takes and its types do not have yet.
const ahead = { rich_text_list: ["offset"], oauth_config: ["pkce_enabled"] };

function known(v, name = "") {
  if (Array.isArray(v)) return v.map((e) => known(e));
  if (!v || typeof v !== "object") return v;
  const lacking = [...(ahead[v.type] ?? []), ...(ahead[name] ?? [])];
  return Object.fromEntries(Object.entries(v).filter(([k]) => !lacking.includes(k)).map(([k, e]) => [k, known(e, k)]));
}

// written is a value as TypeScript. Numbers of flags may be sums, which are no
// members of their enumerations.
function written(v, name = "") {
  if (Array.isArray(v)) return "[" + v.map((e) => written(e)).join(",") + "]";
  if (v && typeof v === "object") return "{" + Object.entries(v).map(([k, e]) => JSON.stringify(k) + ":" + written(e, k)).join(",") + "}";
  return name === "flags" ? `${v} as number` : JSON.stringify(v);
}

golden("slack");
golden("discord");
for (const dir of process.argv.slice(2)) recorded(dir);

// The check is worth nothing if it lets all pass: these must fail.
const wrong = [
  ["KnownBlock[]", [{ type: "section", text: { type: "markdown", text: "x" } }]],
  ["KnownBlock[]", [{ type: "actions", elements: [{ type: "button", text: "x", action_id: "a" }] }]],
  ["ModalView", { type: "modal", blocks: [] }],
  ["MessageAnswer", { text: "x", response_type: "private" }],
  ["MessageAnswer", { text: "x", channel: "C1" }],
  ["MessageAnswer", { text: "x", replace: true }],
  ["MessageAnswer", { text: "x", blocks: [{ type: "section", text: { type: "markdown", text: "x" } }] }],
  ["WindowAnswer", { response_action: "errors" }],
  ["MenuAnswer", { options: [{ text: "x", value: "x" }] }],
  ["RESTPostAPIChannelMessageJSONBody", { embeds: [{ title: 5 }] }],
  ["RESTPostAPIChannelMessageJSONBody", { content: "x", colour: 1 }],
  ["RESTPutAPIApplicationCommandsJSONBody", [{ name: "digest", description: "x", options: [{ type: 99, name: "a", description: "b" }] }]],
];

rmSync(out, { recursive: true, force: true });
mkdirSync(out);
let text = Object.entries(modules).map(([from, names]) => `import type { ${names.join(", ")} } from "${from}";`).join("\n") + "\n" + answers;
for (const { where, type, value } of literals) text += `// ${where}\n({} as { take(v: ${type}): void }).take(${written(value)});\n`;
for (const [type, value] of wrong) text += `// @ts-expect-error\n({} as { take(v: ${type}): void }).take(${written(value)});\n`;
writeFileSync(join(out, "bodies.ts"), text);
writeFileSync(join(out, "tsconfig.json"), JSON.stringify({
  compilerOptions: { strict: true, noEmit: true, skipLibCheck: true, module: "nodenext", moduleResolution: "nodenext", target: "es2022", types: [] },
  files: ["bodies.ts"],
}));
try {
  execFileSync(process.execPath, [join(here, "node_modules", "typescript", "bin", "tsc"), "-p", out], { stdio: ["ignore", "pipe", "inherit"], encoding: "utf8" });
} catch (e) {
  const lines = text.split("\n");
  for (const line of (e.stdout ?? String(e)).split("\n").slice(0, 60)) {
    const at = line.match(/bodies\.ts\((\d+),/);
    console.log(at ? `${lines[at[1] - 2].slice(3)}: ${line.slice(0, 1200)}` : line.slice(0, 600));
  }
  process.exit(1);
}
console.log(`${literals.length} forms of bodies follow the types of Slack and Discord; ${wrong.length} wrong ones are found`);
