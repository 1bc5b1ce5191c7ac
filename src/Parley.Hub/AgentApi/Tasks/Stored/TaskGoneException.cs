namespace Parley.Hub.AgentApi.Tasks.Stored;

/// <summary>A task cannot be written any more: it was deleted, or its rows contradict it.</summary>
internal sealed class TaskGoneException(string message, Exception? innerException) : Exception(message, innerException);
