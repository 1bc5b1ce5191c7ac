using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Parley.Hub.Connections;
using Parley.Hub.Connections.Secrets;
using Parley.Hub.Identity;
using Parley.Hub.Identity.Keys;
using Parley.Hub.Management;
using Parley.Protocol.Errors;
using Parley.Protocol.Management;
using Parley.Protocol.Wire;
using Parley.Testing;
using Parley.Testing.Faults;

namespace Parley.HubTests.Connections;

public sealed class MessageLogTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_message_has_the_views_of_both_sides_and_its_answer_too()
    {
        await using var hub = await HubFixture.StartAsync();
        var (alice, bob) = (await hub.EnrolAsync("alice"), await hub.EnrolAsync("bob"));
        await hub.ConnectListenerAsync(bob, (_, _) => Task.FromResult("pong"), cancellationToken: Stop);
        var sender = await hub.ConnectSenderAsync(alice, cancellationToken: Stop);

        var result = await sender.AskAsync("bob", "ping", Stop);
        var rows = await RowsAsync(hub, Principal.Admin, "{}", 4);

        var asked = rows.Where(row => row.MessageId == result.Id).ToDictionary(row => row.Direction);
        Assert.Equal(("acme.alice", "acme.bob", "delivered"), (asked["outgoing"].Agent, asked["outgoing"].Peer, asked["outgoing"].Status));
        Assert.Equal(("acme.bob", "acme.alice", "text"), (asked["incoming"].Agent, asked["incoming"].Peer, asked["incoming"].Type));
        Assert.Equal(result.Id, rows.First(row => row.Type == "reply").Correlation);
        Assert.All(rows, row => Assert.Null(row.Content));
    }

    [Fact]
    public async Task What_waits_is_sent_and_what_was_never_taken_failed()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var hub = await HubFixture.StartAsync(time: time);
        var sender = await hub.ConnectSenderAsync(await hub.EnrolAsync("alice"), cancellationToken: Stop);
        await hub.EnrolAsync("bob");

        await sender.SendAsync("bob", TestSender.Text("later") with { Waits = false, TimeToLive = TimeSpan.FromSeconds(30) }, Stop);
        var waiting = await RowsAsync(hub, Principal.Admin, """{"status":"sent"}""", 1);
        await Deadline.UntilAsync(
            async () =>
            {
                time.Advance(TimeSpan.FromSeconds(5));
                return (await ListAsync(hub, Principal.Admin, """{"status":"failed"}""")).Data.Count == 1;
            },
            "the message has expired");
        var failed = (await ListAsync(hub, Principal.Admin, """{"owner":"acme","status":"failed"}""")).Data;

        Assert.Equal((waiting[0].Id, "message.expired"), (failed[0].Id, failed[0].Error));
        Assert.Single((await ListAsync(hub, Principal.Admin, "{}")).Data);
    }

    [Fact]
    public async Task An_id_that_another_sender_used_hides_nothing()
    {
        await using var hub = await HubFixture.StartAsync();
        var (alice, carol, bob) = (await hub.EnrolAsync("alice"), await hub.EnrolAsync("carol"), await hub.EnrolAsync("bob"));
        await hub.ConnectListenerAsync(bob, (_, _) => Task.FromResult("ok"), cancellationToken: Stop);

        foreach (var agent in new[] { alice, carol })
        {
            await using var raw = await RawLink.AttachAsync(hub, agent, SessionRole.Caller, LinkKind.Grpc, Stop);
            raw.Outbox.Send(new Frame { Send = new Envelope { Id = "same", To = "bob", Kind = EnvelopeKind.Request, Type = MessageType.Text, Body = new Message { Content = ByteString.CopyFromUtf8("hi") }.ToByteString() } });
            await RowsAsync(hub, Principal.Of(agent.Address), """{"status":"delivered"}""", 1);
        }

        var rows = await RowsAsync(hub, Principal.Of(bob.Address), """{"direction":"incoming"}""", 2);
        Assert.Equal(["acme.alice", "acme.carol"], rows.Select(row => row.Peer).Order());
    }

    [Fact]
    public async Task An_agent_reads_its_own_rows_a_key_its_owners_and_nobody_anothers()
    {
        await using var hub = await HubFixture.StartAsync();
        var (alice, bob, eve) = (await hub.EnrolAsync("alice"), await hub.EnrolAsync("bob"), await hub.EnrolAsync("eve", "other"));
        await hub.ConnectListenerAsync(bob, (_, _) => Task.FromResult("pong"), cancellationToken: Stop);
        await (await hub.ConnectSenderAsync(alice, cancellationToken: Stop)).AskAsync("bob", "ping", Stop);
        await RowsAsync(hub, Principal.Admin, "{}", 4);

        var alices = (await ListAsync(hub, Principal.Of(alice.Address), "{}")).Data;
        var acmes = (await ListAsync(hub, await KeyAsync(hub, "acme"), "{}")).Data;
        var others = (await ListAsync(hub, await KeyAsync(hub, "other"), "{}")).Data;
        var eves = (await ListAsync(hub, Principal.Of(eve.Address), "{}")).Data;

        Assert.Equal(["acme.alice"], alices.Select(row => row.Agent).Distinct());
        Assert.Equal(4, acmes.Count);
        Assert.Empty(others);
        Assert.Empty(eves);
        foreach (var (caller, agent) in new[] { (Principal.Of(alice.Address), "bob"), (Principal.Of(eve.Address), "acme.alice"), (Principal.Of(eve.Address), "acme.nobody"), (await KeyAsync(hub, "other"), "acme.alice") })
        {
            Assert.Equal(ErrorCode.AgentUnknown, (await Assert.ThrowsAsync<ParleyException>(() => ListAsync(hub, caller, $$"""{"agent":"{{agent}}"}"""))).Code);
        }
    }

    [Fact]
    public async Task A_private_agents_rows_are_its_own_and_the_admins()
    {
        await using var hub = await HubFixture.StartAsync();
        var (alice, bob) = (await hub.EnrolAsync("alice"), await hub.EnrolAsync("bob"));
        await hub.ConnectListenerAsync(bob, (_, _) => Task.FromResult("pong"), cancellationToken: Stop);
        await hub.Get<AgentRegistry>().SetLabelsAsync(bob.Address, null, AgentVisibility.Private, true, Stop);
        await (await hub.ConnectSenderAsync(alice, cancellationToken: Stop)).AskAsync("bob", "ping", Stop);
        await RowsAsync(hub, Principal.Admin, "{}", 4);

        var seen = (await ListAsync(hub, await KeyAsync(hub, "acme"), "{}")).Data;
        var own = (await ListAsync(hub, Principal.Of(bob.Address), "{}")).Data;

        Assert.All(seen, row => Assert.Equal("acme.alice", row.Agent));
        Assert.Equal(2, own.Count);
    }

    [Fact]
    public async Task An_agent_that_has_anothers_former_name_does_not_read_what_that_one_was_told()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var hub = await HubFixture.StartAsync(time: time);
        var (alice, bob) = (await hub.EnrolAsync("alice"), await hub.EnrolAsync("bob"));
        await hub.ConnectListenerAsync(bob, (_, _) => Task.FromResult("pong"), cancellationToken: Stop);
        await (await hub.ConnectSenderAsync(alice, cancellationToken: Stop)).AskAsync("bob", "ping", Stop);
        await RowsAsync(hub, Principal.Admin, "{}", 4);

        await hub.Get<AgentRegistry>().RemoveAsync(bob.Address, Stop);
        time.Advance(TimeSpan.FromSeconds(1));
        var next = await hub.EnrolAsync("bob");

        Assert.Empty((await ListAsync(hub, Principal.Of(next.Address), "{}")).Data);
        Assert.Equal(2, (await ListAsync(hub, await KeyAsync(hub, "acme"), """{"agent":"bob"}""")).Data.Count);
    }

    [Fact]
    public async Task In_mode_full_content_is_kept_without_credentials_and_only_while_it_is_small()
    {
        await using var hub = await HubFixture.StartAsync(options =>
        {
            options.MessageLog = MessageLogMode.Full;
            options.Log.MaxContentBytes = 200;
        });
        var (alice, bob) = (await hub.EnrolAsync("alice"), await hub.EnrolAsync("bob"));
        await hub.Get<SecretStore>().SetAsync("acme", "door", "open sesame", Stop);
        await hub.Get<SecretStore>().SetAsync("other", "door", "swordfish-1", Stop);
        await hub.ConnectListenerAsync(bob, (_, _) => Task.FromResult("ok"), cancellationToken: Stop);
        var sender = await hub.ConnectSenderAsync(alice, cancellationToken: Stop);

        await sender.AskAsync("bob", "say open sesame or swordfish-1, Authorization: Bearer abcdefghijkl", Stop);
        await sender.AskAsync("bob", new string('x', 300), Stop);
        var rows = await RowsAsync(hub, Principal.Of(alice.Address), """{"direction":"outgoing"}""", 2);

        Assert.Equal("say [redacted] or swordfish-1, Authorization: Bearer [redacted]", rows[1].Content);
        Assert.Matches(@"^\[\d+ bytes\]$", rows[0].Content);
    }

    [Theory]
    [InlineData("metadata", "full", true)]
    [InlineData("metadata", "off", false)]
    [InlineData("full", "metadata", false)]
    public async Task A_connection_says_what_is_kept_of_its_messages(string hubMode, string log, bool isKept)
    {
        await using var hub = await HubFixture.StartAsync(options => options.MessageLog = Enum.Parse<MessageLogMode>(hubMode, true));
        var (source, target) = (await hub.EnrolAsync("agent-a"), await hub.EnrolAsync("agent-b"));
        await hub.ConnectListenerAsync(target, (_, _) => Task.FromResult("built"), cancellationToken: Stop);
        var made = await InvokeAsync(hub, Principal.Admin, "connections.create", $$$"""{"source_agent_id":"acme.agent-a","target_agent_id":"acme.agent-b","connection_type":"direct","config":{"log":"{{{log}}}"}}""");
        var connection = JsonSerializer.Deserialize(made, ManagementJson.Answers.ItemConnectionView)!.Data;

        await InvokeAsync(hub, Principal.Of(source.Address), "events.emit", """{"type":"workflow.complete","data":{"n":1}}""");
        await InvokeAsync(hub, Principal.Of(source.Address), "events.emit", """{"type":"workflow.complete","data":{"n":2}}""");
        await Deadline.UntilAsync(() => hub.Get<Parley.Hub.Connections.Outbox.Dispatcher>().Delivered == 2, "both are answered");
        var search = $$"""{"connection":"{{connection.Id}}"}""";
        var rows = await RowsAsync(hub, await KeyAsync(hub, "acme"), search, log == "off" ? 0 : 8);

        Assert.Equal(log, connection.Config.Log);
        Assert.All(rows, row => Assert.Equal((connection.Id, isKept), (row.ConnectionId, row.Content is not null)));
        Assert.All((await ListAsync(hub, Principal.Admin, search)).Data, row => Assert.Null(row.Content));
        Assert.Empty((await ListAsync(hub, await KeyAsync(hub, "other"), search)).Data);
    }

    [Fact]
    public async Task Over_http_it_is_the_same_and_pages_follow_one_another()
    {
        await using var hub = await HubFixture.StartAsync();
        var (alice, bob) = (await hub.EnrolAsync("alice"), await hub.EnrolAsync("bob"));
        await hub.ConnectListenerAsync(bob, (_, _) => Task.FromResult("pong"), cancellationToken: Stop);
        var sender = await hub.ConnectSenderAsync(alice, cancellationToken: Stop);
        for (var number = 0; number < 5; number++)
        {
            await sender.AskAsync("bob", "ping", Stop);
        }

        var all = await RowsAsync(hub, Principal.Admin, "{}", 20);
        using var client = new HttpClient { BaseAddress = hub.Hub.LocalHttp };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await hub.Get<ApiKeys>().CreateAsync("acme", ApiScopes.Messages, null, "test", Stop)).Secret);
        var ids = new List<long>();
        var next = string.Empty;
        while (next is not null)
        {
            var page = JsonDocument.Parse(await client.GetStringAsync($"/api/messages?limit=3{(next.Length == 0 ? next : $"&before={next}")}", Stop)).RootElement;
            ids.AddRange(page.GetProperty("data").EnumerateArray().Select(row => row.GetProperty("id").GetInt64()));
            next = page.TryGetProperty("next", out var more) ? more.GetString() : null;
        }

        Assert.Equal(all.Select(row => row.Id), ids);
    }

    private static async Task<Principal> KeyAsync(HubFixture hub, string owner) =>
        Principal.Of((await hub.Get<ApiKeys>().CreateAsync(owner, ApiScopes.Messages, null, "test", Stop)).Key);

    private static Task<byte[]> InvokeAsync(HubFixture hub, Principal caller, string operation, string json) =>
        hub.Get<Operations>().InvokeAsync(caller, operation, Encoding.UTF8.GetBytes(json), "test", Stop);

    private static async Task<MessagePage> ListAsync(HubFixture hub, Principal caller, string json) =>
        JsonSerializer.Deserialize(await InvokeAsync(hub, caller, "messages.list", json), ManagementJson.Answers.MessagePage)!;

    // The log is written a moment later.
    private static async Task<IReadOnlyList<MessageView>> RowsAsync(HubFixture hub, Principal caller, string json, int count)
    {
        IReadOnlyList<MessageView> rows = [];
        await Deadline.UntilAsync(async () => (rows = (await ListAsync(hub, caller, json)).Data).Count(row => row.Status != "sent" || json.Contains("sent", StringComparison.Ordinal)) >= count, $"{count} rows are logged");
        return rows;
    }
}
