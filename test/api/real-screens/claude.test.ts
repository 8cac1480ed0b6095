import { testRealScreen } from "./suite.ts";

testRealScreen("claude");
