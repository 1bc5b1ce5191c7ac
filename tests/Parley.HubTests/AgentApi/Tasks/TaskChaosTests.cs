using Microsoft.Extensions.Logging;
using Parley.Client.Journal;
using Parley.Client.Responders;
using Parley.Gateway.A2a.Tasks;
using Parley.Gateway.Wire.V1;
using Parley.Sqlite;
using Parley.Testing;
using Parley.Testing.Tasks;

namespace Parley.HubTests.AgentApi.Tasks;

public sealed class TaskChaosTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async System.Threading.Tasks.Task Whatever_happens_each_task_ends_once_and_its_log_makes_it_again(int seed)
    {
        var random = new Random(seed);
        await using var kit = await TaskKit.StartAsync(options => options.Tasks.CancelWait = TimeSpan.FromMilliseconds(20));
        var ids = new List<string>();
        await using var journal = SqliteJournal.Open(
            kit.Agent.Home.PathOf("journal.db"), Durability.Normal, TimeProvider.System, kit.Hub.Log.Factory.CreateLogger("journal"));
        var setup = new ListenSetup { Journal = journal };
        TestListener? listener = null;
        for (var step = 0; step < 40; step++)
        {
            switch (random.Next(10))
            {
                case < 5:
                    ids.Add((await kit.PostAsync(random.Next(3) == 0 ? "ask" : "say")).Id);
                    break;
                case 5 when ids.Count > 0:
                    await Record.ExceptionAsync(() => kit.Tasks.CancelAsync(TaskKit.Acme, new CancelTaskRequest { Id = ids[random.Next(ids.Count)] }, Stop));
                    break;
                case 6 when listener is null:
                    listener = await kit.ListenAsync((request, _) => AnswerAsync(request), setup);
                    break;
                case 7 when listener is not null:
                    await listener.DisposeAsync();
                    listener = null;
                    break;
                case 8 when step % 4 == 0:
                    await kit.RestartAsync();
                    break;
                default:
                    await System.Threading.Tasks.Task.Yield();
                    break;
            }
        }

        listener ??= await kit.ListenAsync((request, _) => AnswerAsync(request), setup);
        foreach (var id in ids)
        {
            var stuck = Record.ExceptionAsync(() => Deadline.UntilAsync(async () => TaskStates.EndsWaiting((await kit.GetAsync(id)).Status.State), "the task ends or asks"));
            Assert.True(await stuck is null, $"seed {seed}, task {ids.IndexOf(id)}: {await kit.GetAsync(id)}");
            if ((await kit.GetAsync(id)).Status.State == TaskState.InputRequired)
            {
                await kit.SendAsync(kit.Message("say", request => request.Message.TaskId = id));
            }

            var (task, events) = (await kit.GetAsync(id), await kit.FollowAsync(id, 0));
            Assert.True(TaskStates.IsTerminal(task.Status.State), $"seed {seed}: {task.Status.State}");
            Assert.Equal(Enumerable.Range(1, events.Count).Select(number => (long)number), events.Select(one => one.Number));
            Assert.Single(events, one => one.Response.StatusUpdate is { } update && TaskStates.IsTerminal(update.Status.State));
            Assert.Equal(task, TaskLog.Replay(events));
        }

        // Before its journal, which it still writes to.
        await listener.DisposeAsync();
    }

    private static async IAsyncEnumerable<ResponderEvent> AnswerAsync(ResponderRequest request)
    {
        yield return new ResponderEvent.Text("a", IsDelta: true);
        await System.Threading.Tasks.Task.Yield();
        if (DelegateResponder.TextOf(request) == "ask")
        {
            yield return new ResponderEvent.Status(ResponderState.InputRequired, "What?");
        }
        else
        {
            yield return new ResponderEvent.Text("b", IsDelta: true);
        }
    }
}
