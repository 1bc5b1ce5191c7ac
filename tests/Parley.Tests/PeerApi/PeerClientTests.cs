using Parley.Client.PeerApi.Asking;
using Parley.Client.PeerApi.Entries;
using Parley.Crypto.Tls;
using Parley.Protocol.Errors;

namespace Parley.Tests.PeerApi;

/// <summary>What the client refuses, or bounds, before there is a connection.</summary>
public sealed class PeerClientTests : IDisposable
{
    private readonly PeerTestKeys _keys = new();
    private readonly PeerClient _client;

    public PeerClientTests()
    {
        var beta = new PeerEntry("beta", "127.0.0.1", 1, CertificatePin.OfKeyHash(new byte[32]), PeerProfile.JwtEddsa) { VerifyKey = _keys.Beta.PublicKey.ToArray() };
        _client = new PeerClient(new PeerDirectory("alpha", _keys.Alpha, new Dictionary<string, PeerEntry>(), []), beta, TimeProvider.System, new Random(1).NextBytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" x")]
    [InlineData("x ")]
    [InlineData("a\nb")]
    [InlineData("ünï")]
    public async Task A_conversation_that_no_header_can_name_is_refused_before_anything_is_sent(string session)
    {
        var refusal = await Assert.ThrowsAsync<ParleyException>(() => _client.AskAsync("hello", 5, session, TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken));

        Assert.Equal(ErrorCode.InvalidArgument, refusal.Code);
    }

    [Fact]
    public async Task A_conversation_has_at_most_128_characters()
    {
        var refusal = await Assert.ThrowsAsync<ParleyException>(() => _client.BeginAsync("hello", 5, new string('x', 129), TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken));

        Assert.Equal(ErrorCode.InvalidArgument, refusal.Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n")]
    public async Task A_question_without_text_is_refused_before_anything_is_sent(string message)
    {
        var refusal = await Assert.ThrowsAsync<ParleyException>(() => _client.AskAsync(message, 5, null, TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken));

        Assert.Equal(ErrorCode.InvalidArgument, refusal.Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a/b")]
    public async Task A_task_that_would_be_another_path_is_refused_before_anything_is_sent(string task)
    {
        var refusal = await Assert.ThrowsAsync<ParleyException>(() => _client.ReadTaskAsync(task, TimeSpan.Zero, TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken));

        Assert.Equal(ErrorCode.InvalidArgument, refusal.Code);
    }

    [Fact]
    public async Task A_wait_that_no_timer_can_count_is_no_defect()
    {
        using var canceled = new CancellationTokenSource();
        await canceled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _client.ReadCardAsync(TimeSpan.FromDays(100), canceled.Token));
    }

    public void Dispose()
    {
        _client.Dispose();
        _keys.Dispose();
    }
}
