using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Client.Responders;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;
using Parley.Testing;

namespace Parley.Tests.Responders;

public sealed class ResponderPipelineTests
{
    [Fact]
    public async Task A_responder_that_throws_hurts_its_own_message_only()
    {
        await using var pipeline = Pipeline(new Scripted(request => request.Id == "bad" ? throw new InvalidOperationException("inner") : new ResponderEvent.Text("fine", false)));

        var bad = await AnswerAsync(pipeline, "bad");
        var good = await AnswerAsync(pipeline, "good");

        Assert.Equal((ReplyState.Failed, "responder.failed"), (bad.State, bad.ErrorCode));
        Assert.DoesNotContain("inner", bad.ErrorMessage);
        Assert.Equal("fine", good.Content.ToStringUtf8());
    }

    [Fact]
    public async Task A_refusal_of_the_responder_keeps_its_code()
    {
        await using var pipeline = Pipeline(new Scripted(_ => throw new ParleyException(ErrorCode.InvalidArgument, "No.")));

        var reply = await AnswerAsync(pipeline, "m");

        Assert.Equal(("invalid_argument", "No."), (reply.ErrorCode, reply.ErrorMessage));
    }

    [Fact]
    public async Task A_limit_that_no_timer_holds_is_answered_like_any_other_failure()
    {
        await using var pipeline = Pipeline(new Scripted(_ => new ResponderEvent.Text("fine", false)), TimeSpan.FromDays(60));

        var reply = await AnswerAsync(pipeline, "m");

        Assert.Equal((ReplyState.Failed, "responder.failed"), (reply.State, reply.ErrorCode));
    }

    [Fact]
    public async Task A_stranger_is_rejected_before_any_work()
    {
        await using var pipeline = Pipeline(new Scripted(_ => throw new InvalidOperationException()));

        var reply = await pipeline.AnswerAsync(Request("m") with { From = "other.x" }, new Sink(), TestContext.Current.CancellationToken);

        Assert.Equal((ReplyState.Rejected, "responder.not_allowed"), (reply.State, reply.ErrorCode));
    }

    [Fact]
    public async Task A_failing_start_means_that_the_responder_does_not_run()
    {
        var hasRun = false;
        await using var pipeline = Pipeline(new Scripted(_ =>
        {
            hasRun = true;
            return new ResponderEvent.Completed();
        }));

        await Assert.ThrowsAsync<IOException>(() => pipeline.AnswerAsync(Request("m"), new Sink { Start = () => throw new IOException() }, TestContext.Current.CancellationToken));

        Assert.False(hasRun);
    }

    [Fact]
    public async Task A_cancel_amid_the_start_is_answered()
    {
        using var cancel = new CancellationTokenSource();
        var hasRun = false;
        await using var pipeline = Pipeline(new Scripted(_ =>
        {
            hasRun = true;
            return new ResponderEvent.Completed();
        }));

        // As a journal whose write is dropped from its queue.
        var sink = new Sink
        {
            Start = () =>
            {
                cancel.Cancel();
                cancel.Token.ThrowIfCancellationRequested();
            },
        };
        var reply = await pipeline.AnswerAsync(Request("m"), sink, cancel.Token);

        Assert.Equal((ReplyState.Canceled, "canceled", false), (reply.State, reply.ErrorCode, hasRun));
    }

    [Fact]
    public async Task A_door_that_cannot_stream_still_gets_the_reply()
    {
        await using var pipeline = Pipeline(new Scripted(_ => new ResponderEvent.Text("fine", false)));

        var reply = await pipeline.AnswerAsync(Request("m"), new Sink { Part = () => throw new IOException() }, TestContext.Current.CancellationToken);

        Assert.Equal("fine", reply.Content.ToStringUtf8());
    }

    [Fact]
    public async Task After_the_drain_nothing_new_is_taken()
    {
        await using var pipeline = Pipeline(new Scripted(_ => new ResponderEvent.Completed()));
        await pipeline.DrainAsync(TimeSpan.Zero);

        var refusal = await Assert.ThrowsAsync<ParleyException>(() => AnswerAsync(pipeline, "m"));

        Assert.Equal(ErrorCode.Draining, refusal.Code);
    }

    [Fact]
    public async Task A_message_whose_start_cannot_be_noted_keeps_nobody_from_stopping()
    {
        var hasRun = false;
        await using var pipeline = Pipeline(new Scripted(_ =>
        {
            hasRun = true;
            return new ResponderEvent.Completed();
        }));
        using var disk = new FullDisk();
        var answering = pipeline.AnswerAsync(Request("m"), disk, TestContext.Current.CancellationToken);
        await disk.Asked;

        await pipeline.DrainAsync(TimeSpan.Zero).WaitAsync(Deadline.Shared, TestContext.Current.CancellationToken);
        var refusal = await Assert.ThrowsAsync<ParleyException>(() => answering);

        Assert.Equal((ErrorCode.Draining, false), (refusal.Code, hasRun));
    }

    private static ResponderRequest Request(string id) => new(id, "acme.a", string.Empty, MessageType.Auto, new Body(Encoding.UTF8.GetBytes("hi")));

    private static Task<Reply> AnswerAsync(ResponderPipeline pipeline, string id) => pipeline.AnswerAsync(Request(id), new Sink(), TestContext.Current.CancellationToken);

    private static ResponderPipeline Pipeline(IResponder responder, TimeSpan? timeout = null) => new(
        responder, new ResponderPolicy { Senders = SenderPolicy.Of("acme", []), Timeout = timeout ?? TimeSpan.FromSeconds(30) }, TimeProvider.System, NullLogger<ResponderPipeline>.Instance);

    private sealed class Scripted(Func<ResponderRequest, ResponderEvent> script) : IResponder
    {
        public ResponderTraits Traits => ResponderTraits.None;

        public async IAsyncEnumerable<ResponderEvent> RespondAsync(ResponderRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Yield();
            yield return script(request);
        }
    }

    /// <summary>A door whose journal waits for room.</summary>
    private sealed class FullDisk : IAnswerSink, IDisposable
    {
        private readonly CancellationTokenSource _freed = new();
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Asked => _asked.Task;

        public async ValueTask StartedAsync(CancellationToken cancellationToken)
        {
            _asked.SetResult();
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _freed.Token);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, either.Token);
        }

        public void Dispose() => _freed.Cancel();
    }

    private sealed class Sink : IAnswerSink
    {
        public Action Start { get; init; } = () => { };

        public Action Part { get; init; } = () => { };

        public ValueTask StartedAsync(CancellationToken cancellationToken)
        {
            Start();
            return ValueTask.CompletedTask;
        }

        public ValueTask PartAsync(Part part, CancellationToken cancellationToken)
        {
            Part();
            return ValueTask.CompletedTask;
        }
    }
}
