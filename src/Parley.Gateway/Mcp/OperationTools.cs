using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Parley.Protocol.Errors;
using Parley.Protocol.Management;

namespace Parley.Gateway.Mcp;

/// <summary>Calls an operation of the hub: JSON in and out.</summary>
public delegate Task<byte[]> InvokeOperation(string operation, ReadOnlyMemory<byte> arguments, CancellationToken cancellationToken);

/// <summary>The tools that are operations of the hub, for every door: events and shared states.</summary>
public static class OperationTools
{
    /// <summary>Runs one.</summary>
    /// <param name="tool">Its name.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="invokeAsync">The hub.</param>
    /// <param name="cancellationToken">The client does not want the result any more.</param>
    /// <returns>Texts for the model.</returns>
    /// <exception cref="ParleyException">The hub's refusal.</exception>
    public static async Task<IReadOnlyList<string>> RunAsync(string tool, ToolArguments arguments, InvokeOperation invokeAsync, CancellationToken cancellationToken)
    {
        var json = ManagementJson.Answers;
        if (tool == AgentToolSchemas.EmitEvent)
        {
            var wish = new EventArguments(arguments.Required("type"), arguments.Members("data"), arguments.Optional("agent_id"), arguments.Optional("subject"));
            var emitted = await CallAsync("events.emit", wish, json.EventArguments, json.ItemEmittedEvent);
            return [string.Create(CultureInfo.InvariantCulture, $"The event {emitted.Data.Id} was emitted; it goes to {emitted.Data.Deliveries} connections.")];
        }

        if (tool == AgentToolSchemas.GetState)
        {
            var read = await CallAsync("state.get", new StateArguments(arguments.Optional("agent_id")), json.StateArguments, json.ItemStateView);
            var facts = string.Create(CultureInfo.InvariantCulture, $"Version {read.Data.Version}.");
            return AgentToolAnswer.Quote(read.Data.Agent, facts, read.Data.Data?.GetRawText() ?? "{}");
        }

        var patch = arguments.Members("patch") ?? throw new ParleyException(ErrorCode.InvalidArgument, "The argument patch is missing.") { Field = "patch" };
        var ifMatch = arguments.Has("if_version") ? arguments.Number("if_version", 0, 0, int.MaxValue).ToString(CultureInfo.InvariantCulture) : null;
        var written = await CallAsync("state.patch", new StateArguments(arguments.Optional("agent_id"), patch, ifMatch), json.StateArguments, json.ItemStateView);
        return [string.Create(CultureInfo.InvariantCulture, $"The state of {written.Data.Agent} has version {written.Data.Version}.")];

        async Task<TResult> CallAsync<TArguments, TResult>(string operation, TArguments wish, JsonTypeInfo<TArguments> argumentsType, JsonTypeInfo<TResult> resultType) =>
            JsonSerializer.Deserialize(await invokeAsync(operation, JsonSerializer.SerializeToUtf8Bytes(wish, argumentsType), cancellationToken), resultType)!;
    }
}
