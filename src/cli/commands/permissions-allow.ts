import type { Run } from "../command.ts";
import type { permissionsAllow } from "../registry/permissions.ts";
import { answerRequest } from "./permissions-answer.ts";

export const run: Run<typeof permissionsAllow> = (cli, parsed) => answerRequest(cli, "allow", parsed);
