import type { Run } from "../command.ts";
import type { permissionsDeny } from "../registry/permissions.ts";
import { answerRequest } from "./permissions-answer.ts";

export const run: Run<typeof permissionsDeny> = (cli, parsed) => answerRequest(cli, "deny", parsed);
