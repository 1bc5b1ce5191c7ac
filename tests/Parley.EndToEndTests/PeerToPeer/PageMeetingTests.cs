using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Parley.Client.Peering;
using Parley.EndToEndTests.Cli;
using Parley.Hub.Identity;
using Parley.Hub.Management;
using Parley.Hub.Sessions;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Wire;
using Parley.Testing;

namespace Parley.EndToEndTests.PeerToPeer;

/// <summary>The modules of the hub's page, in node, as one end of a session with an agent of ours: both roles.</summary>
public sealed class PageMeetingTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("ask")]
    [InlineData("accept")]
    public async Task A_page_and_an_agent_prove_themselves_and_speak_sealed_whoever_asks(string role)
    {
        var node = Requires.Program("node");
        await using var hub = await HubFixture.StartAsync();
        var alice = await hub.EnrolAsync("alice");
        var invite = await InviteAsync(hub, alice, alice.Identity.PublicKey.ToArray());
        var certificate = RandomNumberGenerator.GetBytes(32);
        await using var peering = await AttachAsync(hub, alice, certificate);
        await using var page = await StartPageAsync(node, hub, role, invite);

        await using var session = role == "ask" ? await NextAsync(peering) : await peering.OpenAsync("bob", PeerPurpose.Call, Stop);
        var notes = (ISealedNotes)session;
        notes.Say("hello"u8.ToArray());
        var heard = Encoding.UTF8.GetString((await notes.Heard.ReadAsync(Stop)).Span);
        await session.DisposeAsync();
        var exit = await page.WaitForExitAsync();

        Assert.True(exit == 0, page.ToString());
        var said = page.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal("heard hello", heard);
        Assert.Equal(("acme.bob", "acme.alice", session.Phrase, "invited"), (TextOf(said[0], "self"), TextOf(said[0], "agent"), TextOf(said[0], "phrase"), TextOf(said[0], "trust")));
        Assert.Equal((role == "ask", Convert.ToHexStringLower(certificate)), (said[0].GetProperty("isOpener").GetBoolean(), TextOf(said[0], "fingerprint")));
        Assert.Equal(Enumerable.Repeat((byte)7, 32), notes.RemoteDtlsFingerprint.ToArray());
        Assert.Equal(("hello", JsonValueKind.Null, "acme.bob"), (TextOf(said[1], "note"), said[2].GetProperty("closed").ValueKind, TextOf(said[3], "back")));
    }

    [Fact]
    public async Task A_page_that_knows_a_session_no_more_says_so()
    {
        var node = Requires.Program("node");
        await using var hub = await HubFixture.StartAsync();
        var alice = await hub.EnrolAsync("alice");
        await using var peering = await AttachAsync(hub, alice);
        await using var page = await StartPageAsync(node, hub, "forget", await InviteAsync(hub, alice, alice.Identity.PublicKey.ToArray()));
        await using var session = await NextAsync(peering);
        await page.WaitForOutputAsync("\"closed\":");

        var notes = (ISealedNotes)session;
        notes.Say("are you there?"u8.ToArray());
        var gone = await Assert.ThrowsAnyAsync<Exception>(() => notes.Heard.ReadAsync(Stop).AsTask().WaitAsync(Deadline.Shared, Stop));

        Assert.Equal(ErrorCode.AgentOffline, (gone as ParleyException ?? gone.InnerException as ParleyException)?.Code);
    }

    [Fact]
    public async Task A_page_hears_from_its_sessions_other_end_alone_that_it_is_known_no_more()
    {
        var node = Requires.Program("node");
        await using var hub = await HubFixture.StartAsync();
        var alice = await hub.EnrolAsync("alice");
        await using var peering = await AttachAsync(hub, alice);
        await using var page = await StartPageAsync(node, hub, "ask", await InviteAsync(hub, alice, alice.Identity.PublicKey.ToArray()));
        await using var session = await NextAsync(peering);
        var sessions = hub.Get<SessionDirectory>();
        var gone = new Signal
        {
            Session = ByteString.CopyFrom(((PeerSession)session).Key.Span),
            From = alice.Address.ToString(),
            FromEnd = ByteString.CopyFrom(new byte[16]),
            Purpose = SignalPurpose.Call,
            Payload = new PeerSignal { Gone = new PeerGone() }.ToByteString(),
        };
        var towards = sessions.Of(new AgentAddress("acme", "bob"))[0].Outbox;
        var notes = (ISealedNotes)session;

        towards.Send(new Frame { Signal = gone });
        notes.Say("hello"u8.ToArray());
        var heard = Encoding.UTF8.GetString((await notes.Heard.ReadAsync(Stop)).Span);
        towards.Send(new Frame { Signal = new Signal(gone) { FromEnd = ByteString.CopyFrom(sessions.Of(alice.Address)[0].Ticket.Home.Span) } });

        Assert.Equal("heard hello", heard);
        await page.WaitForOutputAsync("\"closed\":\"agent.offline\"");
    }

    [Fact]
    public async Task An_agent_with_another_key_than_the_one_in_the_link_is_refused()
    {
        var node = Requires.Program("node");
        await using var hub = await HubFixture.StartAsync();
        var alice = await hub.EnrolAsync("alice");
        var invite = await InviteAsync(hub, alice, RandomNumberGenerator.GetBytes(32));
        await using var peering = await AttachAsync(hub, alice);
        await using var page = await StartPageAsync(node, hub, "ask", invite);

        Assert.Equal(1, await page.WaitForExitAsync());
        Assert.Contains("\"error\":\"peer.key_changed\"", page.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_that_was_used_says_so()
    {
        var node = Requires.Program("node");
        await using var hub = await HubFixture.StartAsync();
        var alice = await hub.EnrolAsync("alice");
        var invite = await InviteAsync(hub, alice, alice.Identity.PublicKey.ToArray());
        await using var first = await StartPageAsync(node, hub, "accept", invite);
        await Deadline.UntilAsync(() => hub.Get<AgentRegistry>().Find(new AgentAddress("acme", "bob")) is not null, "the first to enter");
        await using var second = await StartPageAsync(node, hub, "accept", invite);

        Assert.Equal(1, await second.WaitForExitAsync());
        Assert.Contains("\"error\":\"join.refused\"", second.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_comes_in_where_the_hub_made_its_own_certificate_which_no_page_can_see()
    {
        var node = Requires.Program("node");
        await using var hub = await HubProcess.StartAsync("--tls", "self");
        var home = hub.HomeOf("a");
        await ParleyProgram.RunAsync(home, "join", await hub.MakeJoinStringAsync(), "--name", "agent-a");
        var invited = await ParleyProgram.RunAsync(home, "p2p", "invite", "bob", "--json");
        Assert.True(invited.ExitCode == 0, invited.ToString());
        using var json = JsonDocument.Parse(invited.Output);
        var parts = json.RootElement.GetProperty("link").GetString()!.Split('#');

        // What a person does who accepts the certificate in the browser.
        var trusting = new Dictionary<string, string?> { ["NODE_TLS_REJECT_UNAUTHORIZED"] = "0" };
        await using var page = await StartPageAsync(node, new Uri(parts[0]).GetLeftPart(UriPartial.Authority), "enter", parts[1], trusting);

        Assert.True(await page.WaitForExitAsync() == 0, page.ToString());
        Assert.Contains("\"self\":\"local.bob\"", page.Output, StringComparison.Ordinal);
        Assert.StartsWith("https://", parts[0], StringComparison.Ordinal);
    }

    private static async Task<string> InviteAsync(HubFixture hub, EnrolledAgent host, byte[] key)
    {
        using var answer = JsonDocument.Parse(await hub.Get<Operations>().InvokeAsync(Principal.Of(host.Address), "invites.create", "{\"visitor\":\"bob\"}"u8.ToArray(), "test", Stop));
        var link = new InviteLink
        {
            Page = new Uri(hub.Hub.Http, "/p2p"),
            HubId = host.Profile.HubId,
            Visitor = new AgentAddress(host.Address.Owner, "bob"),
            Host = host.Address,
            HostKey = key,
            Secret = answer.RootElement.GetProperty("data").GetProperty("secret").GetString()!,
        };
        return link.Reveal().Split('#')[1];
    }

    private static Task<RealProcess> StartPageAsync(string node, HubFixture hub, string role, string invite) =>
        StartPageAsync(node, hub.Hub.Http.GetLeftPart(UriPartial.Authority), role, invite, new Dictionary<string, string?>());

    private static async Task<RealProcess> StartPageAsync(string node, string hub, string role, string invite, IReadOnlyDictionary<string, string?> variables)
    {
        var page = RealProcess.Start(
            node,
            ["--experimental-websocket", Path.Combine(RepositoryFiles.Root, "tests/Parley.EndToEndTests/node/page-meeting.mjs"), Path.Combine(RepositoryFiles.Root, "src/Parley.Hub/Pages/PeerToPeer"), hub, role],
            variables,
            keepInput: true);
        await page.WriteAsync(invite);
        page.CloseInput();
        return page;
    }

    private static Task<AgentPeering> AttachAsync(HubFixture hub, EnrolledAgent agent, byte[]? certificate = null)
    {
        var options = new PeeringOptions { Accepts = [PeerPurpose.Call], DtlsFingerprint = certificate ?? RandomNumberGenerator.GetBytes(32) };
        return AgentPeering.AttachAsync(agent.Home, options, TimeProvider.System, RandomNumberGenerator.Fill, hub.Log.Factory, Stop);
    }

    private static async Task<IPeerSession> NextAsync(AgentPeering peering)
    {
        await foreach (var session in peering.AcceptAsync(PeerPurpose.Call, Stop))
        {
            return session;
        }

        throw new InvalidOperationException("The peering ended.");
    }

    private static string TextOf(JsonElement said, string member) => said.GetProperty(member).GetString()!;
}
