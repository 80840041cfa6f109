import { Head } from "../../design/Page";
import { useText } from "../../i18n/text";

export function Edit() {
  return <Head title={useText().schedules.title} />;
}
