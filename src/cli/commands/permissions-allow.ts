import { decideRequest } from "../answer-permission.ts";
import type { Run } from "../command.ts";
import type { permissionsAllow } from "../registry/permissions.ts";

export const run: Run<typeof permissionsAllow> = (cli, parsed) => decideRequest(cli, "allow", parsed);
