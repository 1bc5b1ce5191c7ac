using System.Security.Cryptography;
using Parley.Client.PeerApi.Asking;
using Parley.Client.PeerApi.Entries;
using Parley.Crypto;
using Parley.Crypto.Tls;
using Parley.Protocol.Errors;
using Parley.Testing;
using Parley.Testing.Tls;

namespace Parley.HubTests.PeerApi;

/// <summary>The client against a pinned server that says back what it is told.</summary>
public sealed class PeerClientTests : IAsyncLifetime
{
    private readonly TlsSide _side = new("beta");
    private readonly Ed25519Key _key = Ed25519Key.Generate();
    private readonly LogSink _log = new();
    private TlsContext _context = null!;
    private PinnedSite _site = null!;

    public async ValueTask InitializeAsync()
    {
        _context = TlsContext.ForServer(new TlsServerOptions { Identity = _side.Identity });
        _site = await PinnedSite.StartAsync(() => _context, _log);
    }

    [Fact]
    public async Task P8_an_answer_that_is_too_large_is_not_read_to_its_end()
    {
        using var client = Client(_site.Address.Port);

        var reply = await client.AskAsync(new string('x', PeerClient.MaxAnswerBytes), 5, null, TimeSpan.FromSeconds(30), CancellationToken.None);

        Assert.Equal(PeerOutcome.PeerError, reply.Outcome);
        Assert.True(reply.Text.Length < 1000);
    }

    [Fact]
    public async Task P2_an_answer_without_choices_is_empty_and_what_is_no_JSON_is_told()
    {
        using var client = Client(_site.Address.Port);

        var empty = await client.AskAsync("x", 5, null, TimeSpan.FromSeconds(30), CancellationToken.None);
        var noJson = await client.ReadCardAsync(TimeSpan.FromSeconds(30), CancellationToken.None);

        Assert.Equal(new PeerReply(PeerOutcome.Answered, ""), empty);
        Assert.Equal((PeerOutcome.PeerError, true), (noJson.Outcome, noJson.Text.StartsWith("Peer returned non-JSON: ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task P2_nobody_there_is_unreachable()
    {
        using var client = Client(1);

        var reply = await client.AskAsync("x", 5, null, TimeSpan.FromSeconds(30), CancellationToken.None);

        Assert.Equal((PeerOutcome.Unreachable, ErrorCode.AgentUnreachable, false), (reply.Outcome, reply.ErrorCode, reply.MayHaveArrived));
    }

    [Fact]
    public async Task P2_a_line_that_breaks_after_the_question_was_sent_may_have_brought_it()
    {
        using var client = Client(_site.Address.Port);
        var asking = client.AskAsync(new string('x', 4096), 5, null, TimeSpan.FromMilliseconds(1), CancellationToken.None);

        var reply = await asking;

        Assert.True(reply.Outcome == PeerOutcome.Answered || reply is { Outcome: PeerOutcome.Timeout, MayHaveArrived: true, Task.Length: > 0 });
    }

    public async ValueTask DisposeAsync()
    {
        await _site.DisposeAsync();
        _context.Dispose();
        _side.Dispose();
        _key.Dispose();
        _log.Dispose();
    }

    private PeerClient Client(int port) => new(
        new PeerDirectory("alpha", _key, new Dictionary<string, PeerEntry>(), []),
        new PeerEntry("beta", "127.0.0.1", port, _side.Pin, PeerProfile.JwtEddsa) { VerifyKey = _key.PublicKey.ToArray() },
        TimeProvider.System,
        RandomNumberGenerator.Fill);
}
