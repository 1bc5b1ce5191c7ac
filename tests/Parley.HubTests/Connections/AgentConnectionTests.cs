using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Parley.Client.Messaging;
using Parley.Client.Responders;
using Parley.Hub.Connections;
using Parley.Hub.Connections.Events;
using Parley.Hub.Connections.Outbox;
using Parley.Hub.Connections.Webhooks;
using Parley.Hub.Identity;
using Parley.Hub.Management;
using Parley.Protocol.Management;
using Parley.Protocol.Wire;
using Parley.Testing;

namespace Parley.HubTests.Connections;

public sealed class AgentConnectionTests : IAsyncLifetime
{
    private HubFixture _hub = null!;
    private EnrolledAgent _source = null!;
    private EnrolledAgent _target = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _hub = await HubFixture.StartAsync();
        _source = await _hub.EnrolAsync("agent-a");
        _target = await _hub.EnrolAsync("agent-b");
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task A_direct_connection_is_a_turn_and_its_answer_is_an_event()
    {
        var asked = new ConcurrentQueue<ResponderRequest>();
        await _hub.ConnectListenerAsync(_target, (request, _) =>
        {
            asked.Enqueue(request);
            return Task.FromResult("done: " + Encoding.UTF8.GetString(request.Content.Bytes.Span));
        }, cancellationToken: Stop);
        var connection = await ConnectAsync("""{"source_agent_id":"acme.agent-a","target_agent_id":"acme.agent-b","connection_type":"direct","config":{"events":["workflow.complete"]}}""");

        using var following = _hub.Get<EventAudience>().Follow(null, null, [EventPattern.Any]);
        await EmitAsync("""{"workflow_id":"step-1"}""");
        await UntilAsync(connection, DeliveryState.Delivered, 1);

        var request = Assert.Single(asked);
        Assert.Equal("acme.hub", request.From);
        Assert.Equal(("step-1", "workflow.complete", "acme.agent-a"), (request.Meta["workflow_id"], request.Meta["event_type"], request.Meta["event_source"]));
        var answer = (await EventsAsync("direct.answered")).Single();
        var data = JsonDocument.Parse(answer.Data).RootElement;
        Assert.Equal(("acme.agent-b", 1), (answer.Source.ToString(), answer.Hops));
        Assert.Equal(("completed", connection), (data.GetProperty("state").GetString(), data.GetProperty("connection_id").GetString()));
        Assert.StartsWith("done: {\"type\":\"workflow.complete\"", data.GetProperty("content").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_answer_of_a_direct_connection_reaches_whom_it_names_as_a_message_and_ends_there()
    {
        var got = new ConcurrentQueue<ResponderRequest>();
        await _hub.ConnectListenerAsync(_target, (_, _) => Task.FromResult("built"), cancellationToken: Stop);
        await _hub.ConnectListenerAsync(_source, (request, _) =>
        {
            got.Enqueue(request);
            return Task.FromResult("thanks");
        }, cancellationToken: Stop);
        var connection = await ConnectAsync("""{"source_agent_id":"acme.agent-a","target_agent_id":"acme.agent-b","connection_type":"direct","config":{"events":["workflow.complete"],"reply_to":"acme.agent-a"}}""");

        await EmitAsync("""{"workflow_id":"step-1"}""");
        await UntilAsync(connection, DeliveryState.Delivered, 2);
        await Deadline.UntilAsync(() => !got.IsEmpty, "the answer has come");

        var answer = Assert.Single(got);
        Assert.Equal(("built", "acme.hub", "step-1", "direct.answered"), (Encoding.UTF8.GetString(answer.Content.Bytes.Span), answer.From, answer.Meta["workflow_id"], answer.Meta["event_type"]));
        Assert.Single(await EventsAsync("direct.answered"));
    }

    [Fact]
    public async Task A_renamed_agent_still_gets_the_answers_that_are_meant_for_it()
    {
        var connection = await ConnectAsync("""{"source_agent_id":"acme.agent-a","target_agent_id":"acme.agent-b","connection_type":"direct","config":{"reply_to":"acme.agent-a"}}""");

        await _hub.Get<AgentRegistry>().RenameAsync(_source.Address, "agent-x", Stop);
        await Deadline.UntilAsync(() => _hub.Get<ConnectionRegistry>().Find(connection)!.Config.ReplyTo == "acme.agent-x", "it follows the name");
    }

    [Fact]
    public async Task A_webhook_for_an_agent_waits_in_its_mailbox_and_is_done_when_it_has_it()
    {
        var asked = new ConcurrentQueue<ResponderRequest>();
        var connection = await ConnectAsync("""{"source_agent_id":"acme.agent-a","target_agent_id":"acme.agent-b","connection_type":"webhook","config":{"events":["workflow.complete"]}}""");
        await EmitAsync("""{"workflow_id":"step-1"}""");
        await UntilAsync(connection, DeliveryState.Pending, 1);

        await _hub.ConnectListenerAsync(_target, (request, _) =>
        {
            asked.Enqueue(request);
            return Task.FromResult("ok");
        }, cancellationToken: Stop);
        await UntilAsync(connection, DeliveryState.Delivered, 1);
        await Deadline.UntilAsync(() => asked.Count == 1, "the webhook is handled");

        var request = asked.Single();
        var secret = WebhookSecret.Read(_hub.Get<ConnectionRegistry>().Find(connection)!.Secrets.Secret);
        WebhookSignature.Verify(
            [secret], request.Meta["webhook-id"], request.Meta["webhook-timestamp"], request.Meta["webhook-signature"], TimeProvider.System.GetUtcNow(), request.Content.Bytes.Span);
    }

    [Fact]
    public async Task What_an_agent_could_not_take_before_a_restart_reaches_it_after_it_once()
    {
        var count = 0;
        var connection = await ConnectAsync("""{"source_agent_id":"acme.agent-a","target_agent_id":"acme.agent-b","connection_type":"direct"}""");
        await EmitAsync("""{"n":1}""");
        await UntilAsync(connection, DeliveryState.Pending, 1);
        await _hub.StopAsync();
        await _hub.StartAgainAsync();

        await _hub.ConnectListenerAsync(_target, (_, _) => Task.FromResult(Interlocked.Increment(ref count).ToString(System.Globalization.CultureInfo.InvariantCulture)), cancellationToken: Stop);
        await UntilAsync(connection, DeliveryState.Delivered, 1);

        Assert.Equal(1, count);
    }

    [Fact]
    public async Task A_message_is_passed_on_by_its_channel()
    {
        var asked = new ConcurrentQueue<ResponderRequest>();
        await _hub.ConnectListenerAsync(_source, (_, _) => Task.FromResult("ok"), cancellationToken: Stop);
        await _hub.ConnectListenerAsync(_target, (request, _) =>
        {
            asked.Enqueue(request);
            return Task.FromResult("ok");
        }, cancellationToken: Stop);
        await ConnectAsync("""{"source_agent_id":"acme.agent-a","target_agent_id":"acme.agent-b","connection_type":"direct","config":{"events":["message.received"],"filter":{"channel":"support"}}}""");
        var third = await _hub.ConnectSenderAsync(await _hub.EnrolAsync("agent-c"), cancellationToken: Stop);

        await third.SendAsync("agent-a", On("sales", "not this"), Stop);
        await third.SendAsync("agent-a", On("support", "help with billing"), Stop);
        await Deadline.UntilAsync(() => !asked.IsEmpty, "the message is passed on");

        var request = Assert.Single(asked);
        Assert.Equal("help with billing", Encoding.UTF8.GetString(request.Content.Bytes.Span));
        Assert.Equal(("acme.agent-c", "support"), (request.Meta["message_from"], request.Meta["channel"]));
    }

    [Fact]
    public async Task A_message_that_names_a_workflow_tells_its_end_when_it_is_answered()
    {
        using var following = _hub.Get<EventAudience>().Follow(null, null, [EventPattern.Parse("workflow.*")]);
        await _hub.ConnectListenerAsync(_target, (_, _) => Task.FromResult("built"), cancellationToken: Stop);
        var asker = await _hub.ConnectSenderAsync(_source, cancellationToken: Stop);
        var message = new Message { Content = ByteString.CopyFromUtf8("build it") };
        message.Meta["workflow_id"] = "step-1";

        await asker.SendAsync("agent-b", new SendRequest(message, MessageType.Text), Stop);
        await Deadline.UntilAsync(async () => (await EventsAsync("workflow.complete")).Count > 0, "the end is told");

        var told = (await EventsAsync("workflow.complete")).Single();
        var data = JsonDocument.Parse(told.Data).RootElement;
        Assert.Equal(("acme.agent-b", "step-1", "built"), (told.Source.ToString(), data.GetProperty("workflow_id").GetString(), data.GetProperty("output").GetString()));
    }

    [Fact]
    public async Task Connections_in_a_circle_come_to_an_end()
    {
        _hub.Log.Allow("is a dead letter");
        var count = 0;
        foreach (var agent in new[] { _source, _target })
        {
            await _hub.ConnectListenerAsync(agent, (_, _) => Task.FromResult(Interlocked.Increment(ref count).ToString(System.Globalization.CultureInfo.InvariantCulture)), cancellationToken: Stop);
        }

        _hub.Get<Parley.Hub.HubOptions>().Connections.MaxAttempts = 1;
        await ConnectAsync("""{"source_agent_id":"acme.agent-a","target_agent_id":"acme.agent-b","connection_type":"direct"}""");
        await ConnectAsync("""{"source_agent_id":"acme.agent-b","target_agent_id":"acme.agent-a","connection_type":"direct"}""");

        await EmitAsync("{}");
        await Deadline.UntilAsync(() => _hub.Get<Dispatcher>().Buried > 0, "the circle is cut");
        await Deadline.UntilAsync(async () => (await _hub.Get<DeliveryReader>().ListAsync(null, null, DeliveryState.Pending, 1, 0)).Total == 0, "nothing is left");

        Assert.InRange(count, 2, 600);
    }

    private static SendRequest On(string channel, string text)
    {
        var message = new Message { Content = ByteString.CopyFromUtf8(text) };
        message.Meta["channel"] = channel;
        return new SendRequest(message, MessageType.Text);
    }

    private async Task<string> ConnectAsync(string json)
    {
        var operations = _hub.Get<Operations>();
        var made = await operations.InvokeAsync(Principal.Admin, "connections.create", Encoding.UTF8.GetBytes(json), "test", Stop);
        return JsonSerializer.Deserialize(made, ManagementJson.Answers.ItemConnectionView)!.Data.Id;
    }

    private Task<byte[]> EmitAsync(string data) => _hub.Get<Operations>().InvokeAsync(
        Principal.Of(_source.Address), "events.emit", Encoding.UTF8.GetBytes($$$"""{"type":"workflow.complete","data":{{{data}}}}"""), "test", Stop);

    private Task UntilAsync(string connection, DeliveryState state, int count) => Deadline.UntilAsync(
        async () => (await _hub.Get<DeliveryReader>().ListAsync(null, connection, state, 10, 0)).Total == count, $"{count} deliveries are {state}");

    private async Task<IReadOnlyList<StoredEvent>> EventsAsync(string type) =>
        (await _hub.Get<EventReader>().ReadAsync(new EventQuery(null, null, [EventPattern.Parse(type)], _ => true), 0, 100, Stop)).Events;
}
