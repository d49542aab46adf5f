// Judges the requests of the signature battery by the libraries of Slack and
// Discord: node check.mjs FILE, where NUTGRAF_BATTERY=FILE go test ./bot -run
// TestSignatureBattery wrote FILE. Whatever we believe they must believe too;
// where we are stricter than they are, the battery says so.
import { readFileSync } from "node:fs";
import bolt from "@slack/bolt";
import { verifyKey } from "discord-interactions";

// As Node's HTTP server hands headers on: those of one name are joined.
const joined = (values) => (values?.length ? values.join(", ") : undefined);

async function slackBelieves(shot, body) {
  Date.now = () => shot.now * 1000;
  const headers = {
    "content-type": "application/json",
    "x-slack-signature": joined(shot.signature),
    "x-slack-request-timestamp": joined(shot.timestamp),
  };
  try {
    await bolt.HTTPModuleFunctions.parseAndVerifyHTTPRequest({ signingSecret: shot.key }, { headers, rawBody: body });
    return true;
  } catch {
    return false;
  }
}

async function discordBelieves(shot, body) {
  const [stamp, signature] = [joined(shot.timestamp), joined(shot.signature)];
  return Boolean(stamp && signature) && verifyKey(body, signature, stamp, shot.key);
}

let wrong = 0;
const counts = {};
for (const line of readFileSync(process.argv[2], "utf8").trim().split("\n")) {
  const shot = JSON.parse(line);
  const body = Buffer.from(shot.body, "base64");
  const believed = await (shot.platform === "slack" ? slackBelieves : discordBelieves)(shot, body);
  const want = shot.verdict !== "refuse";
  const key = `${shot.platform}: ${shot.verdict}`;
  counts[key] = (counts[key] ?? 0) + 1;
  if (believed !== want) {
    wrong++;
    console.error(`${shot.path}: ${shot.name}: the library ${believed ? "believes" : "refuses"} it, we say ${shot.verdict}`);
  }
}
console.log(Object.entries(counts).map(([k, n]) => `${k} ${n}`).join(", ") + `; ${wrong} judged otherwise`);
process.exit(wrong ? 1 : 0);
