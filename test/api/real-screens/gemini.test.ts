import { testRealScreen } from "./suite.ts";

testRealScreen("gemini");
