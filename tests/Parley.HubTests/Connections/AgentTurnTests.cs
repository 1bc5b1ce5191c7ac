using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Parley.Client.Responders;
using Parley.Hub;
using Parley.Hub.Connections;
using Parley.Hub.Connections.Outbox;
using Parley.Hub.Identity;
using Parley.Hub.Management;
using Parley.Protocol.Management;
using Parley.Protocol.Wire;
using Parley.Testing;
using Parley.Testing.Faults;

namespace Parley.HubTests.Connections;

/// <summary>What connections bring to agents, and what becomes of the room that it takes.</summary>
public sealed class AgentTurnTests : IAsyncDisposable
{
    private HubFixture _hub = null!;
    private EnrolledAgent _source = null!;
    private EnrolledAgent _target = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task Replies_to_webhooks_which_nobody_reads_take_no_room_from_turns()
    {
        await StartAsync(options => options.Messaging.DeliveryWindow = 2);
        await _hub.ConnectListenerAsync(_target, (_, _) => Task.FromResult("ok"), cancellationToken: Stop);
        var webhooks = await ConnectAsync("webhook", "workflow.complete");
        var turns = await ConnectAsync("direct", "workflow.error");

        for (var number = 1; number <= 20; number++)
        {
            await EmitAsync("workflow.complete");
            await UntilAsync(webhooks, DeliveryState.Delivered, number);
        }

        await EmitAsync("workflow.error");

        await UntilAsync(turns, DeliveryState.Delivered, 1);
    }

    [Fact]
    public async Task What_the_store_could_not_give_up_is_given_up_when_it_writes_again()
    {
        await StartAsync(_ => { });
        _hub.Log.Allow("Store cannot write");
        _hub.Log.Allow("since it is disabled");
        var connection = await ConnectAsync("direct", "workflow.complete");
        await SetAsync(connection, ConnectionStatus.Paused);
        await EmitAsync("workflow.complete");
        await UntilAsync(connection, DeliveryState.Pending, 1);
        await HeldUpStore.HoldUpAsync(_hub, "UPDATE OF state ON deliveries");

        await SetAsync(connection, ConnectionStatus.Disabled);
        await HeldUpStore.FailedAsync(_hub);
        await HeldUpStore.LetGoAsync(_hub);

        await UntilAsync(connection, DeliveryState.Dead, 1);
    }

    [Fact]
    public async Task A_turn_that_nobody_answers_is_a_dead_letter_in_the_end_and_lets_the_next_one_go()
    {
        await StartAsync(options => options.Connections.PerConnection = 1);
        _hub.Get<HubOptions>().Tasks.Silence = TimeSpan.FromMilliseconds(500);
        _hub.Log.Allow("is a dead letter");
        var listener = await _hub.ConnectListenerAsync(_target, (IResponder?)null, cancellationToken: Stop);
        var connection = await ConnectAsync("direct", "workflow.complete");

        await EmitAsync("workflow.complete");
        await EmitAsync("workflow.complete");
        await UntilAsync(connection, DeliveryState.Dead, 2);

        var dead = (await _hub.Get<DeliveryReader>().ListAsync(null, connection, DeliveryState.Dead, 10, 0)).Deliveries;
        Assert.Equal(2, listener.Desk.Shown.Count);
        Assert.All(dead, one => Assert.StartsWith("responder.interrupted: A person was shown this turn", one.Error, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_person_who_was_shown_a_turn_may_answer_it()
    {
        await StartAsync(_ => { });
        await using var listener = await RawLink.AttachAsync(_hub, _target, SessionRole.Listen, LinkKind.Grpc, Stop);
        var connection = await ConnectAsync("direct", "workflow.complete");
        await EmitAsync("workflow.complete");
        var shown = (await listener.ReadAsync(Frame.BodyOneofCase.Delivery, Stop)).Delivery;
        var (asker, id) = (shown.Envelope.From, shown.Envelope.Id);
        listener.Outbox.Send(new Frame { Ack = new Ack { Numbers = { shown.Number } } });
        listener.Outbox.Send(new Frame { Progress = new Progress { To = asker, Id = id, State = ReceiptState.Read, Note = "shown" } });

        listener.Outbox.Send(new Frame { Send = new Envelope { Id = "r1", To = asker, Kind = EnvelopeKind.Reply, Correlation = id, Body = new Reply { State = ReplyState.Completed }.ToByteString() } });

        await UntilAsync(connection, DeliveryState.Delivered, 1);
    }

    private Task<Connection?> SetAsync(string connection, ConnectionStatus status) => _hub.Get<ConnectionRegistry>().SetStatusAsync(connection, status, string.Empty, Stop);

    private async Task StartAsync(Action<HubOptions> configure)
    {
        _hub = await HubFixture.StartAsync(configure);
        _source = await _hub.EnrolAsync("agent-a");
        _target = await _hub.EnrolAsync("agent-b");
    }

    private async Task<string> ConnectAsync(string type, string told)
    {
        var made = await CallAsync(
            Principal.Admin, "connections.create", $$$"""{"source_agent_id":"acme.agent-a","target_agent_id":"acme.agent-b","connection_type":"{{{type}}}","config":{"events":["{{{told}}}"]}}""");
        return JsonSerializer.Deserialize(made, ManagementJson.Answers.ItemConnectionView)!.Data.Id;
    }

    private Task<byte[]> EmitAsync(string type) => CallAsync(Principal.Of(_source.Address), "events.emit", $$$"""{"type":"{{{type}}}","data":{}}""");

    private Task<byte[]> CallAsync(Principal caller, string operation, string arguments) =>
        _hub.Get<Operations>().InvokeAsync(caller, operation, Encoding.UTF8.GetBytes(arguments), "test", Stop);

    private Task UntilAsync(string connection, DeliveryState state, int count) => Deadline.UntilAsync(
        async () => (await _hub.Get<DeliveryReader>().ListAsync(null, connection, state, 10, 0)).Total == count, $"{count} deliveries are {state}");
}
