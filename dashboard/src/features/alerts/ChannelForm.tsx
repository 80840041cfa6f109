import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { Button } from "../../design/Button";
import { Dialog } from "../../design/Dialog";
import { Area, Choice, Field } from "../../design/Field";
import { Secret } from "../../design/Secret";
import { useToast } from "../../design/Toast";
import { useText } from "../../i18n/text";
import { createChannel, type Channel } from "../../server/alerts";
import { useSession } from "../../server/session";
import { Buttons, Form, Row } from "../../shell/Ask";
import { Failed } from "../../shell/Broken";

/** A new channel; a webhook's secret is shown once it is made. */
export function ChannelForm({ onClose }: { onClose: () => void }) {
  const text = useText("alerts");
  const words = text.alerts.channel;
  const toast = useToast();
  const session = useSession();
  const [name, setName] = useState("");
  const [by, setBy] = useState<Channel["by"]>("mail");
  const [to, setTo] = useState("");
  const [url, setUrl] = useState("");
  const [tenant, setTenant] = useState("");
  const make = useMutation({
    mutationFn: () =>
      createChannel({
        name,
        by,
        to: by === "mail" ? to.split(/[\s,;]+/).filter(Boolean) : [],
        url: by === "webhook" ? url : "",
        tenant: tenant || null,
      }),
    onSuccess: (made) => {
      toast(text.alerts.made(made.name));
      if (!made.secret) onClose();
    },
  });
  if (make.data?.secret) {
    return (
      <Dialog title={words.secretTitle(make.data.name)} onClose={onClose} closeText={text.common.close}>
        <p>{words.secretAbout}</p>
        <Secret name={words.secret} value={make.data.secret} />
        <Buttons>
          <Button kind="main" onClick={onClose}>
            {words.kept}
          </Button>
        </Buttons>
      </Dialog>
    );
  }
  return (
    <Dialog title={text.alerts.newChannel} onClose={onClose} closeText={text.common.close}>
      <Form onSubmit={() => make.mutate()}>
        <Row>
          <Field label={text.alerts.form.name} hint={text.alerts.form.nameHint} required value={name} onChange={(event) => setName(event.target.value)} autoComplete="off" />
          <Choice
            label={words.by}
            value={by}
            options={[
              ["mail", words.bys.mail],
              ["webhook", words.bys.webhook],
            ]}
            onChange={(event) => setBy(event.target.value as Channel["by"])}
          />
        </Row>
        {by === "mail" ? (
          <Area label={words.to} hint={words.toHint} required value={to} onChange={(event) => setTo(event.target.value)} rows={3} />
        ) : (
          <Field label={words.url} hint={words.urlHint} required type="url" value={url} placeholder="https://hooks.example.org/tidemill" onChange={(event) => setUrl(event.target.value)} />
        )}
        {session.tenant === null ? (
          <Field label={text.alerts.form.tenant} hint={text.common.optional} value={tenant} onChange={(event) => setTenant(event.target.value)} />
        ) : null}
        {make.error ? <Failed error={make.error} doing={words.make} /> : null}
        <Buttons>
          <Button kind="main" type="submit" disabled={make.isPending}>
            {words.make}
          </Button>
          <Button onClick={onClose}>{text.common.cancel}</Button>
        </Buttons>
      </Form>
    </Dialog>
  );
}
