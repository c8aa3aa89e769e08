import { app } from "./app.js";

app().then((report) => console.log(JSON.stringify(report)));
