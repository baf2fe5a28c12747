/** The map: put together here and nowhere else. */
import "./style.css";
