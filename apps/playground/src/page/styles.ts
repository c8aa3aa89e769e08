// In this order: a later sheet wins over an earlier one.

import "./styles/base.css";
import "./styles/buttons.css";
import "./styles/story.css";
import "./styles/timeline.css";
import "./styles/code.css";
import "./styles/clock.css";
import "./styles/cards.css";
import "./styles/processes.css";
import "./styles/journal.css";
import "./styles/motion.css";
