import { mount } from "svelte";
import App from "./frame/App.svelte";

mount(App, { target: document.getElementById("hospes")! });
