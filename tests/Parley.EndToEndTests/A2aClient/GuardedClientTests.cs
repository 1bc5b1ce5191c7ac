using Parley.Gateway.A2a;
using Parley.Gateway.Client;
using Parley.Gateway.Client.Discovery;
using Parley.Gateway.Wire.V1;
using Parley.Hub.Outbound;
using Parley.Protocol.Errors;
using Task = System.Threading.Tasks.Task;

namespace Parley.EndToEndTests.A2aClient;

/// <summary>The client through the hub's guard: what the operator opened is reached over every binding, nothing else is.</summary>
public sealed class GuardedClientTests
{
    private static CancellationToken Timeout => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_agent_that_was_opened_is_called_over_every_binding()
    {
        await using var server = await ReferenceServer.StartAsync(A2aVersion.V1, Timeout);
        using var outbound = new OutboundHttp(new SystemResolver(), TimeProvider.System);
        var invoker = outbound.For(new OutboundPolicy(new AddressPolicy(OutboundAllowList.Parse(["127.0.0.1"]))));
        var card = await new CardResolver(invoker, server.Options).ResolveAsync(server.Address, Timeout);

        foreach (var binding in Enum.GetValues<A2aBinding>())
        {
            var client = Parley.Gateway.Client.A2aClient.Create(invoker, InterfaceChoice.Choose(card, new A2aPreferences { Bindings = [binding] }), server.Options);
            var request = new SendMessageRequest { Message = new Message { MessageId = $"m-{binding}", Role = Role.User, Parts = { new Part { Text = "work" } } } };

            var events = await client.SendStreamingAsync(request, Timeout).ToListAsync(Timeout);

            Assert.Equal(TaskState.Completed, events[^1].Response.StatusUpdate.Status.State);
        }
    }

    [Fact]
    public async Task An_agent_nearby_is_refused_over_every_binding()
    {
        await using var server = await ReferenceServer.StartAsync(A2aVersion.V1, Timeout);
        using var outbound = new OutboundHttp(new SystemResolver(), TimeProvider.System);
        var card = await server.CardAsync(Timeout);

        foreach (var endpoint in InterfaceChoice.Known(card))
        {
            var client = Parley.Gateway.Client.A2aClient.Create(outbound.For(new OutboundPolicy(new AddressPolicy(OutboundAllowList.None))), endpoint, server.Options);

            var refusal = await Assert.ThrowsAsync<ParleyException>(() => client.GetTaskAsync(new GetTaskRequest { Id = "t" }, Timeout));

            Assert.Equal(ErrorCode.OutboundRefused, refusal.Code);
        }
    }
}
