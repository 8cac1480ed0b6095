import { mount } from "svelte";
import App from "./App.svelte";
import "./app.css";
import { keepUpToDate } from "./lib/update.ts";

keepUpToDate();
mount(App, { target: document.querySelector("#app")! });
