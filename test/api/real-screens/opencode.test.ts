import { testRealScreen } from "./suite.ts";

testRealScreen("opencode");
