using Parley.Gateway.A2a.Tasks;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.A2a;

public sealed class AgentTaskTests
{
    private const int Seed = 61_000;

    private static readonly DateTimeOffset _now = DateTimeOffset.UnixEpoch;

    [Fact]
    public void Any_reports_move_the_task_by_the_rules_or_not_at_all() =>
        Fuzz.Run(Seed, Fuzz.Count, random => Enumerable.Range(0, 12).Select(_ => (TaskState)random.Next(-1, 11)).ToArray(), reports =>
        {
            var task = New();
            foreach (var state in reports)
            {
                var before = task.State;
                var refusal = Record.Exception(() => task.Report(state, null, _now));

                Assert.Equal(refusal is null ? state : before, task.State);
                Assert.Equal(TaskStates.MayFollow(before, state), refusal is null);
                Assert.False(TaskStates.IsTerminal(before) && refusal is null);
                Assert.True(refusal is null or ParleyException { Code: ErrorCode.AgentAnswerInvalid });
            }
        });

    [Fact]
    public void Nothing_follows_a_terminal_state_and_nothing_goes_back_to_submitted()
    {
        var pairs = TaskStates.All.SelectMany(from => TaskStates.All.Select(to => (From: from, To: to))).Where(pair => TaskStates.MayFollow(pair.From, pair.To)).ToList();

        Assert.DoesNotContain(pairs, pair => TaskStates.IsTerminal(pair.From));
        Assert.Equal([(TaskState.Submitted, TaskState.Submitted)], pairs.Where(pair => pair.To == TaskState.Submitted));
        Assert.Equal(8 + (3 * 7), pairs.Count);
    }

    [Fact]
    public void A_stream_stays_open_for_a_credential_and_closes_for_input()
    {
        Assert.Equal(
            [TaskState.Completed, TaskState.Failed, TaskState.Canceled, TaskState.InputRequired, TaskState.Rejected],
            TaskStates.All.Where(TaskStates.ClosesStream));
        Assert.Equal(
            [TaskState.Completed, TaskState.Failed, TaskState.Canceled, TaskState.InputRequired, TaskState.Rejected, TaskState.AuthRequired],
            TaskStates.All.Where(TaskStates.EndsWaiting));
    }

    [Theory]
    [InlineData(TaskOperation.Send, ErrorCode.OperationNotSupported)]
    [InlineData(TaskOperation.Subscribe, ErrorCode.OperationNotSupported)]
    [InlineData(TaskOperation.Cancel, ErrorCode.TaskNotCancelable)]
    public void What_an_ended_task_refuses(TaskOperation operation, ErrorCode code)
    {
        var task = New();
        task.Check(operation);
        task.Report(TaskState.Completed, null, _now);

        Assert.Equal(code, Assert.Throws<ParleyException>(() => task.Check(operation)).Code);
        task.Check(TaskOperation.Read);
        task.Check(TaskOperation.Push);
    }

    [Fact]
    public void A_message_of_another_context_is_refused()
    {
        var task = New();

        Assert.Equal(ErrorCode.InvalidArgument, Assert.Throws<ParleyException>(() => task.Receive(new Message { MessageId = "m-2", ContextId = "other" }, _now)).Code);
        task.Receive(new Message { MessageId = "m-3" }, _now);

        Assert.Equal("c-1", task.View(null, withArtifacts: true).History[^1].ContextId);
    }

    [Fact]
    public void What_a_status_said_moves_into_the_history()
    {
        var task = New();
        task.Report(TaskState.InputRequired, new Message { MessageId = "q", Role = Role.Agent }, _now);
        task.Receive(new Message { MessageId = "a", Role = Role.User }, _now);
        task.Report(TaskState.Working, null, _now);

        Assert.Equal(["m-1", "q", "a"], task.View(null, withArtifacts: true).History.Select(message => message.MessageId));
    }

    [Theory]
    [InlineData(null, 3)]
    [InlineData(0, 0)]
    [InlineData(2, 2)]
    [InlineData(50, 3)]
    public void A_view_shows_the_newest_of_the_history(int? length, int expected)
    {
        var task = New();
        task.Receive(new Message { MessageId = "m-2" }, _now);
        task.Receive(new Message { MessageId = "m-3" }, _now);

        var history = task.View(length, withArtifacts: true).History;

        Assert.Equal(expected, history.Count);
        Assert.True(expected == 0 || history[^1].MessageId == "m-3");
    }

    [Fact]
    public void A_negative_length_is_refused() =>
        Assert.Equal(ErrorCode.InvalidArgument, Assert.Throws<ParleyException>(() => New().View(-1, withArtifacts: true)).Code);

    [Fact]
    public void Chunks_go_to_the_end_of_their_artifact()
    {
        var task = New();
        task.Produce(new Artifact { ArtifactId = "a", Parts = { new Part { Text = "one" } } }, append: false, isLastChunk: false);
        var told = task.Produce(new Artifact { ArtifactId = "a", Parts = { new Part { Text = "two" } } }, append: true, isLastChunk: true);

        Assert.Equal("onetwo", Assert.Single(Assert.Single(task.View(null, withArtifacts: true).Artifacts).Parts).Text);
        Assert.Equal(("two", true, true), (Assert.Single(told.Artifact.Parts).Text, told.Append, told.LastChunk));
        Assert.Empty(task.View(null, withArtifacts: false).Artifacts);
    }

    [Fact]
    public void A_chunk_of_nothing_and_anything_after_the_end_are_the_agents_mistakes()
    {
        var task = New();

        Assert.Equal(ErrorCode.AgentAnswerInvalid, Assert.Throws<ParleyException>(() => task.Produce(new Artifact { ArtifactId = "a" }, append: true, isLastChunk: false)).Code);
        task.Report(TaskState.Failed, null, _now);
        Assert.Equal(ErrorCode.AgentAnswerInvalid, Assert.Throws<ParleyException>(() => task.Produce(new Artifact { ArtifactId = "a" }, append: false, isLastChunk: false)).Code);
    }

    private static AgentTask New() => new("t-1", new Message { MessageId = "m-1", ContextId = "c-1", Role = Role.User }, _now);
}
