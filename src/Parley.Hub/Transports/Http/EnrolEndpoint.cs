using Parley.Hub.Identity.Keys;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Protocol.Management;

namespace Parley.Hub.Transports.Http;

/// <summary><c>POST /api/enrol</c>: a new agent comes in with a join token. The token is the credential, so the route asks for no key.</summary>
internal sealed class EnrolEndpoint
{
    private const int MaxRemembered = 10_000;

    private readonly Enrolment _enrolment;
    private readonly AgentRegistry _agents;
    private readonly HubKey _hub;
    private readonly HubAddresses _addresses;
    private readonly RateLimiter _failures;

    /// <summary>The door of one hub.</summary>
    public EnrolEndpoint(Enrolment enrolment, AgentRegistry agents, HubKey hub, HubAddresses addresses, IOptions<DoorOptions> options, TimeProvider time)
    {
        (_enrolment, _agents, _hub, _addresses) = (enrolment, agents, hub, addresses);
        _failures = new RateLimiter(options.Value.RefusedJoinsPerMinute, TimeSpan.FromMinutes(1), MaxRemembered, time);
    }

    /// <summary>Maps the route.</summary>
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/enrol", routes.ServiceProvider.GetRequiredService<EnrolEndpoint>().RunAsync).AllowGuests();

    private async Task RunAsync(HttpContext context)
    {
        var address = CallerAddress.Of(context);
        if (_failures.Peek(address) is { } wait)
        {
            throw new ParleyException(ErrorCode.RateLimited, "Too many attempts to join came from this address.") { RetryAfter = wait };
        }

        var request = Read(await OperationArguments.ReadBodyAsync(context));
        Agent agent;
        try
        {
            agent = await _enrolment.EnrolAsync(request, KeyHash(context), address, context.RequestAborted);
        }
        catch (ParleyException exception) when (exception.Code is ErrorCode.JoinRefused or ErrorCode.LinkProof)
        {
            _failures.TryTake(address);
            throw;
        }

        var result = new EnrolResult(
            agent.Address.ToString(),
            agent.Address.Owner,
            agent.Address.Name,
            agent.Labels,
            _hub.Id,
            _addresses.Grpc.ToString().TrimEnd('/'),
            _addresses.Http.ToString().TrimEnd('/'),
            _agents.IsOnlyOfName(agent.Address));
        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(
            JsonSerializer.SerializeToUtf8Bytes(new Item<EnrolResult>(result), ManagementJson.Compact.ItemEnrolResult), context.RequestAborted);
    }

    // Without a pin the agent cannot tell our certificate from that of whatever ends TLS in front of us, so it signs none.
    private byte[] KeyHash(HttpContext context) => _hub.Pin is null ? [] : ServedCertificate.KeyHashOf(context);

    private static EnrolRequest Read(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, ManagementJson.Default.EnrolRequest) ?? throw Malformed(null);
        }
        catch (JsonException exception)
        {
            throw Malformed(exception);
        }
    }

    private static ParleyException Malformed(Exception? cause) => new(ErrorCode.InvalidArgument, "The enrolment is not the JSON that this takes.", cause);
}
