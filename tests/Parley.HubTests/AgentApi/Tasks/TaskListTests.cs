using Google.Protobuf.WellKnownTypes;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;
using Parley.Testing;
using Parley.Testing.Tasks;

namespace Parley.HubTests.AgentApi.Tasks;

public sealed class TaskListTests : IAsyncLifetime
{
    private TaskKit _kit = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _kit = await TaskKit.StartAsync();
        await _kit.EchoAsync();
    }

    public async ValueTask DisposeAsync() => await _kit.DisposeAsync();

    [Fact]
    public async System.Threading.Tasks.Task Pages_show_each_task_once_the_newest_first()
    {
        await SendAsync(25);

        var seen = new List<Gateway.Wire.V1.Task>();
        var pages = 0;
        var token = string.Empty;
        do
        {
            var page = await ListAsync(request => (request.PageSize, request.PageToken) = (10, token));
            Assert.Equal((25, 10), (page.TotalSize, page.PageSize));
            seen.AddRange(page.Tasks);
            token = page.NextPageToken;
            pages++;
        }
        while (token.Length > 0);

        Assert.Equal((3, 25), (pages, seen.Select(task => task.Id).Distinct().Count()));
        Assert.Equal(seen.OrderByDescending(task => task.Status.Timestamp.ToDateTimeOffset().ToUnixTimeMilliseconds()).Select(task => task.Status.Timestamp.ToDateTimeOffset().ToUnixTimeMilliseconds()), seen.Select(task => task.Status.Timestamp.ToDateTimeOffset().ToUnixTimeMilliseconds()));
        Assert.All(seen, task => Assert.Empty(task.Artifacts));
    }

    [Fact]
    public async System.Threading.Tasks.Task Filters_and_lengths_are_heeded()
    {
        await SendAsync(3);
        var one = await _kit.SendAsync(_kit.Message("mine", request => request.Message.ContextId = "ctx-7"));

        Assert.Equal(one.Id, Assert.Single((await ListAsync(request => request.ContextId = "ctx-7")).Tasks).Id);
        Assert.Equal(4, (await ListAsync(request => request.Status = TaskState.Completed)).TotalSize);
        Assert.Equal(0, (await ListAsync(request => request.Status = TaskState.Working)).TotalSize);
        Assert.Equal(0, (await ListAsync(request => request.StatusTimestampAfter = TimeProvider.System.GetUtcNow().AddHours(1).ToTimestamp())).TotalSize);
        Assert.All((await ListAsync(request => request.HistoryLength = 0)).Tasks, task => Assert.Empty(task.History));
        Assert.All((await ListAsync(request => request.IncludeArtifacts = true)).Tasks, task => Assert.Single(task.Artifacts));
    }

    [Theory]
    [InlineData(0, "", "pageSize")]
    [InlineData(101, "", "pageSize")]
    [InlineData(50, "garbage", "pageToken")]
    public async System.Threading.Tasks.Task What_cannot_be_is_refused(int size, string token, string field)
    {
        var refusal = await Assert.ThrowsAsync<ParleyException>(() => ListAsync(request => (request.PageSize, request.PageToken) = (size, token)));

        Assert.Equal((ErrorCode.InvalidArgument, field), (refusal.Code, refusal.Field));
    }

    [Fact]
    public async System.Threading.Tasks.Task Lists_and_ids_show_nothing_of_other_owners_or_agents()
    {
        var other = await _kit.Hub.EnrolAsync("rob");
        await _kit.Hub.EnrolAsync("spy", "evil");
        await SendAsync(2);
        var task = (await ListAsync(_ => { })).Tasks[0];
        var random = SeededRandom.Source(7);
        var stranger = TaskKit.CallOf("evil");

        Assert.Empty((await _kit.Tasks.ListAsync(TaskKit.Acme, new ListTasksRequest { Tenant = other.Address.Name }, Stop)).Tasks);
        Assert.Empty((await _kit.Tasks.ListAsync(stranger, new ListTasksRequest { Tenant = "spy" }, Stop)).Tasks);
        Assert.Equal(ErrorCode.TaskUnknown, (await Assert.ThrowsAsync<ParleyException>(() => _kit.Tasks.GetAsync(TaskKit.Acme, new GetTaskRequest { Tenant = "rob", Id = task.Id }, Stop))).Code);
        for (var number = 0; number < 10_000; number++)
        {
            var id = number % 100 == 0 ? task.Id : EnvelopeId.Make(random).Value;
            var refusal = await Assert.ThrowsAsync<ParleyException>(() => _kit.GetAsync(id, stranger));
            Assert.Equal((ErrorCode.TaskUnknown, "There is no such task.", null), (refusal.Code, refusal.Message, refusal.Field));
        }
    }

    [Fact]
    public async System.Threading.Tasks.Task Agents_and_the_admin_key_have_tasks_of_their_own()
    {
        var task = await _kit.SendAsync(_kit.Message("mine"));
        var admin = new Hub.AgentApi.ApiCall(Hub.Identity.Principal.Admin, Gateway.A2a.A2aVersion.V1);
        var agent = new Hub.AgentApi.ApiCall(Hub.Identity.Principal.Of(_kit.Agent.Address), Gateway.A2a.A2aVersion.V1);
        var own = await _kit.SendAsync(_kit.Message("mine", request => request.Tenant = "acme.bob"), admin);

        Assert.Equal(TaskState.Completed, own.Status.State);
        Assert.Equal(ErrorCode.TaskUnknown, (await Assert.ThrowsAsync<ParleyException>(() => _kit.GetAsync(task.Id, admin))).Code);
        Assert.Equal(ErrorCode.TaskUnknown, (await Assert.ThrowsAsync<ParleyException>(() => _kit.GetAsync(task.Id, agent))).Code);
        Assert.Equal(ErrorCode.TaskUnknown, (await Assert.ThrowsAsync<ParleyException>(() => _kit.GetAsync(own.Id))).Code);
    }

    private async System.Threading.Tasks.Task SendAsync(int count) =>
        await System.Threading.Tasks.Task.WhenAll(Enumerable.Range(0, count).Select(number => _kit.SendAsync(_kit.Message($"text {number}"))));

    private Task<ListTasksResponse> ListAsync(Action<ListTasksRequest> change)
    {
        var request = new ListTasksRequest { Tenant = "bob" };
        change(request);
        return _kit.Tasks.ListAsync(TaskKit.Acme, request, Stop);
    }
}
