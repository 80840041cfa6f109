import { Head } from "../../design/Page";
import { useText } from "../../i18n/text";

export function Settings() {
  return <Head title={useText().settings.title} />;
}
