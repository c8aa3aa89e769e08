import { render } from "preact";
import { App } from "../app.tsx";
import "../styles.ts";
import { replaying } from "./replay.ts";

const recording = await (await fetch("./recording.json")).json();
render(<App connect={replaying(recording)} />, document.body);
