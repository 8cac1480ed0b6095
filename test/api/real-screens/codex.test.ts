import { testRealScreen } from "./suite.ts";

testRealScreen("codex");
