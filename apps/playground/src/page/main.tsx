import { render } from "preact";
import { App } from "./app.tsx";
import { connect } from "./connection.ts";
import "./styles.ts";

render(<App connect={connect} />, document.body);
