using System.Globalization;
using Google.Protobuf;
using Microsoft.Extensions.Hosting;
using Parley.Gateway.A2a;
using Parley.Gateway.A2a.Translation;
using Parley.Gateway.Wire.V1;
using Parley.Hub.AgentApi;
using Parley.Hub.Transports.Http;
using Parley.Hub.Transports.Http.A2a;
using Parley.Protocol.Errors;

namespace Parley.Hub.Transports.Grpc.A2a;

/// <summary>What the two services share: who calls whom, in which version, and the run of an operation of 1.0.</summary>
internal sealed class A2aGrpcCalls(A2aDesk desk, IHostApplicationLifetime life)
{
    /// <summary>Metadata that names the agent where the request has no tenant; of 0.3 none has.</summary>
    public const string AgentMetadata = "parley-agent";

    /// <summary>Metadata of a stream's answer: the number of its first event in the log of the task. Each further one has the next number, for a subscription that resumes.</summary>
    public const string FirstEventMetadata = "parley-first-event";

    /// <summary>Runs an operation that has one answer; null where the answer is that it is done.</summary>
    /// <param name="call">The call.</param>
    /// <param name="version">The version of the service.</param>
    /// <param name="operation">Which.</param>
    /// <param name="request">Its request.</param>
    /// <param name="losses">What translating the request left out.</param>
    public Task<IMessage?> RunAsync(GrpcServerCall call, A2aVersion version, A2aOperation operation, IMessage request, Losses? losses = null) =>
        desk.RunAsync(Begin(call, version, request, losses), operation, request, call.CancellationToken);

    /// <summary>Runs an operation that answers with events, until they end, the caller goes away or its deadline passes. None of that ends the task.</summary>
    public async IAsyncEnumerable<StreamResponse> StreamAsync(GrpcServerCall call, A2aVersion version, IMessage request, Losses? losses = null)
    {
        var asked = Begin(call, version, request, losses);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken, life.ApplicationStopping);
        await using var events = desk.Stream(call.HttpContext, asked, request, ending.Token).GetAsyncEnumerator(ending.Token);
        var hasBegun = false;
        while (await NextAsync(events, call))
        {
            if (!hasBegun)
            {
                hasBegun = true;
                call.ResponseHeaders.Add(FirstEventMetadata, events.Current.Number.ToString(CultureInfo.InvariantCulture));
            }

            yield return events.Current.Response;
        }
    }

    /// <summary>Says what translating an answer left out.</summary>
    public void Note(Losses losses) => desk.Note(losses);

    private async ValueTask<bool> NextAsync(IAsyncEnumerator<TaskEvent> events, GrpcServerCall call)
    {
        try
        {
            return await events.MoveNextAsync();
        }
        catch (OperationCanceledException) when (!call.CancellationToken.IsCancellationRequested && life.ApplicationStopping.IsCancellationRequested)
        {
            throw EventStreams.StoppingRefusal();
        }
    }

    private ApiCall Begin(GrpcServerCall call, A2aVersion version, IMessage request, Losses? losses)
    {
        var context = call.HttpContext;
        if (A2aNegotiation.OfHeader(context.Request.Headers[A2aNegotiation.VersionMetadata]) is { } named && named != version)
        {
            throw new ParleyException(
                ErrorCode.ProtocolVersion, $"This service speaks A2A {(version == A2aVersion.V1 ? "1.0" : "0.3")}; the other version has a service of its own: {(version == A2aVersion.V1 ? A2aMethods.V03Service : A2aMethods.V1Service)}.");
        }

        // The address of this door is not that of HTTP.
        var asked = desk.Begin(context, version) with { BaseUrl = null };
        if (context.Request.Headers.TryGetValue(AgentMetadata, out var agent))
        {
            context.Request.RouteValues[A2aEndpoints.AgentValue] = agent.ToString();
        }

        desk.Address(context, asked, request);
        if (losses is not null)
        {
            desk.Note(losses);
        }

        return asked;
    }
}
