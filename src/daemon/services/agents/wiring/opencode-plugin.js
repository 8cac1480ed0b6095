// A plugin of opencode's that Berth writes: tells what opencode does to `berth hook opencode`, one event at a time, in the words of Claude Code's
// hooks. What its subagents do is not told: the conversation that they work for is busy meanwhile.
import { spawn } from "node:child_process";

const [program, ...args] = ["berth", "hook", "opencode"];

export const Berth = async () => {
	const subagents = new Set();
	// By conversation: the agent's message that is being written, and its last text.
	const messages = new Map();
	const texts = new Map();
	let telling = Promise.resolve();

	function tell(event, conversation, more = {}) {
		if (!conversation || subagents.has(conversation)) return;
		const hook = { hook_event_name: event, session_id: conversation, ...more };
		telling = telling.then(() => run(JSON.stringify(hook)));
	}

	return {
		event: async ({ event: { type, properties } }) => {
			const { sessionID, info, part, status } = properties ?? {};
			switch (type) {
				case "session.created":
					if (info?.parentID) subagents.add(info.id);
					break;
				case "message.updated":
					if (info?.role === "assistant") messages.set(info.sessionID, info.id);
					break;
				case "message.part.updated":
					if (part?.type === "text" && part.messageID === messages.get(part.sessionID))
						texts.set(part.sessionID, part.text);
					break;
				case "session.status":
					if (status?.type === "busy") tell("UserPromptSubmit", sessionID);
					break;
				case "permission.asked":
				case "permission.updated":
					tell("Notification", sessionID, {
						notification_type: "permission_prompt",
						message: asked(properties),
					});
					break;
				case "question.asked":
					tell("Notification", sessionID, { notification_type: "elicitation_dialog" });
					break;
				case "permission.replied":
				case "question.replied":
				case "question.rejected":
					tell("PostToolUse", sessionID);
					break;
				case "session.idle":
					tell("Stop", sessionID, { last_assistant_message: texts.get(sessionID) ?? "" });
					texts.delete(sessionID);
					break;
			}
		},
	};
};

function asked({ permission, patterns, title }) {
	return title ?? [permission, ...(patterns ?? [])].filter(Boolean).join(": ");
}

// Nothing that goes wrong with the telling is opencode's affair.
function run(text) {
	return new Promise((resolve) => {
		const child = spawn(program, args, { stdio: ["pipe", "ignore", "ignore"] });
		child.on("error", resolve);
		child.on("exit", resolve);
		child.stdin.on("error", () => {});
		child.stdin.end(text);
	});
}
