using System.ComponentModel;
using Parley.Client.Peering;
using Parley.Client.Peering.Paths;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.Peering;

/// <summary>When a session's other end counts as gone, and when it does not.</summary>
public sealed class SessionLifeTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_end_that_the_hub_finds_nobody_at_for_long_is_gone_also_for_who_only_listens()
    {
        await using var stage = new SessionStage();
        var listening = stage.Opener.Heard.ReadAllAsync(Stop).GetAsyncEnumerator(Stop).MoveNextAsync();

        stage.Opener.TakeRefusal(SessionStage.Offline());
        stage.Time.Advance(stage.Options.GoneAfter - TimeSpan.FromSeconds(1));
        stage.Opener.TakeRefusal(SessionStage.Offline());
        var isPatient = !listening.IsCompleted;
        stage.Time.Advance(TimeSpan.FromSeconds(2));
        stage.Opener.TakeRefusal(SessionStage.Offline());
        var gone = await Assert.ThrowsAsync<ParleyException>(() => listening.AsTask().WaitAsync(Deadline.Shared, Stop));

        Assert.True(isPatient);
        Assert.Equal(ErrorCode.AgentOffline, gone.Code);
    }

    [Fact]
    public async Task A_refusal_that_is_no_matter_of_time_ends_it_for_who_only_listens_too()
    {
        await using var stage = new SessionStage();
        var listening = stage.Opener.Heard.ReadAllAsync(Stop).GetAsyncEnumerator(Stop).MoveNextAsync();

        stage.Opener.TakeRefusal(new ParleyException(ErrorCode.PermissionDenied, "You are blocked."));
        var refused = await Assert.ThrowsAsync<ParleyException>(() => listening.AsTask().WaitAsync(Deadline.Shared, Stop));

        Assert.Equal(ErrorCode.PermissionDenied, refused.Code);
    }

    [Fact]
    public async Task An_end_that_was_away_while_there_was_a_path_is_asked_for_the_next_one()
    {
        await using var stage = new SessionStage();
        var (path, _) = await stage.ConnectAsync(Stop);
        stage.Opener.TakeRefusal(SessionStage.Offline());
        stage.Time.Advance(stage.Options.GoneAfter * 2);
        stage.Opener.TakeRefusal(SessionStage.Offline());

        await path.DisposeAsync();
        var (again, _) = await stage.ConnectAsync(Stop);

        Assert.Equal(PathKind.DirectTcp, again.Kind);
    }

    [Fact]
    public async Task An_end_that_was_on_a_path_and_comes_to_no_further_one_is_not_waited_for_without_end()
    {
        await using var stage = new SessionStage();
        var (path, _) = await stage.ConnectAsync(Stop);
        await path.DisposeAsync();

        var waiting = stage.Acceptor.ConnectAsync([PathKind.DirectTcp], Stop);
        await Deadline.UntilAsync(() => HasEndedAfter(stage, waiting), "an end of the wait");
        var gone = await Assert.ThrowsAsync<ParleyException>(() => waiting);

        Assert.Equal(ErrorCode.AgentOffline, gone.Code);
    }

    [Fact]
    public async Task While_the_own_link_is_down_nobody_is_found_missing()
    {
        await using var stage = new SessionStage();
        var (path, _) = await stage.ConnectAsync(Stop);
        await path.DisposeAsync();
        stage.IsLinked = false;

        var waiting = stage.Acceptor.ConnectAsync([PathKind.DirectTcp], Stop);
        for (var second = 0; second < 2 * stage.Options.AbsentAfter.TotalSeconds; second++)
        {
            await Deadline.UntilAsync(() => waiting.IsCompleted || stage.Time.ArmedTimers > 0, "a pause");
            stage.Time.Advance(stage.Options.RepeatEvery);
        }

        stage.IsLinked = true;
        var again = await Task.WhenAll(stage.Opener.ConnectAsync([PathKind.DirectTcp], Stop), waiting).WaitAsync(Deadline.Shared, Stop);

        Assert.Equal(PathKind.DirectTcp, again[1].Kind);
    }

    [Fact]
    public async Task A_way_that_the_system_refuses_to_prepare_does_not_spoil_the_others()
    {
        await using var stage = new SessionStage(other: new RefusedMaker());

        var (path, _) = await stage.ConnectAsync(Stop);

        Assert.Equal(PathKind.DirectTcp, path.Kind);
    }

    private static bool HasEndedAfter(SessionStage stage, Task waiting)
    {
        stage.Time.Advance(stage.Options.RepeatEvery);
        return waiting.IsCompleted;
    }

    /// <summary>A kind of path for which the system has no more descriptors.</summary>
    private sealed class RefusedMaker : IPathMaker
    {
        private const int TooManyFiles = 24;

        public PathKind Kind => PathKind.DirectUdp;

        public IPathOpener Make(PathContext context) => new Opening();

        private sealed class Opening : IPathOpener
        {
            public IReadOnlyList<string> Tried => [];

            public bool IsForged => false;

            public ValueTask<ReadOnlyMemory<byte>?> DescribeAsync(CancellationToken cancellationToken) => throw new Win32Exception(TooManyFiles);

            public Task RunAsync(ReadOnlyMemory<byte> remote, Action<FoundPath> found, CancellationToken cancellationToken) => Task.CompletedTask;

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
